"""Statements as data: claims, hypotheses and conclusions, their symbols, and how they are written."""
