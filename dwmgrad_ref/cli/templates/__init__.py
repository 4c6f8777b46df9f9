"""What `dwmgrad new` copies: files that run as they are, with comments on what to change."""
