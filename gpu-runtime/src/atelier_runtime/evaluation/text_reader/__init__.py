"""Reads writing in pictures without being told what is asked: a small network trained with CTC on lines drawn in the training fonts."""
