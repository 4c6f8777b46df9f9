"""The report: one HTML file with the claims, figures, reproduction table and costs, written from committed data."""
