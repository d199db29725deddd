"""One picture from request to pixels, stage by stage, with the weights of one folder."""
