"""Random histories, run through the API and through the model, which have to agree."""
