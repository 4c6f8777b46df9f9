"""Worst cases of regret: searched for, certified for few steps, and the region where a capped window fails."""
