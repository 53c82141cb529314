"""The recipe of the bundled model: data, training, export, evaluation. See ../train.sh for the order."""
