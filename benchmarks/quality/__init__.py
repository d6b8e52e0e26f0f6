"""How right the measurement is: on labelled landmark recordings and on what has a known truth."""
