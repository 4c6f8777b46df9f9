"""The figures, one file each, regenerated with the published curve beneath."""
