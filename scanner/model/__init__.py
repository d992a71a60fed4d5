"""The vocabulary of civicseal: frozen values, standard library only, no input or output."""
