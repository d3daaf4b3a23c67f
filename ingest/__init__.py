"""From a folder of papers to one immutable index generation."""
