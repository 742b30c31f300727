"""Networks that are no plain chains, or minimise more than one loss: each way to join layers."""

STRUCTURES = {
    "residual": "x[3] -> dense(4, tanh) -> dense(4, tanh, adds=1) -> dense(2) ; mse",
    "residual input": "x[3] -> dense(3, adds=0) -> dense(2) ; mse",
    "stacked": "x[3] -> dense(4, tanh) -> dense(5, tanh) -> dense(2, reads=[2, 0, 1]) ; mse",
    "tied": "x[3] -> dense(3, tanh) -> dense(3, tanh, weights=1) -> dense(2) ; mse",
    "transposed": (
        "x[3] -> dense(4, tanh) -> dense(3, tanh, weights=1, transposed=true) -> dense(2) ; mse"
    ),
    "dropout": "x[3] -> dense(4, tanh, dropout=0.5) -> dense(2) ; mse",
    "l2": "x[3] -> dense(4, tanh) -> dense(2) ; mse, l2=0.01",
    "l1 and l2": "x[3] -> dense(4, tanh, l1=0.1) -> dense(2, l2=0.2) ; mse",
    "two losses": "x[3] -> dense(4, tanh) -> dense(2) ; 0.7 mse + 0.3 log_cosh",
    "temperature": (
        "x[3] -> dense(4, tanh) -> dense(2, softmax, temperature=2) ; softmax_cross_entropy"
    ),
    "smoothing": (
        "x[3] -> dense(4, tanh) -> dense(2, softmax) ; softmax_cross_entropy, smoothing=0.1"
    ),
    "class weights": (
        "x[3] -> dense(4, tanh) -> dense(2, softmax) ; "
        "softmax_cross_entropy, output_weights=[1, 2.5], target=index"
    ),
    "spread": "x[3] -> dense(4, tanh) -> dense(2) ; gaussian",
    "scalar": (
        "x -> dense(1, tanh, adds=0) -> dense(1, tanh, adds=[0, 1]) -> dense(1) ; "
        "squared_error, l2=0.1"
    ),
    "everything": (
        "x[3] -> dense(4, relu) -> dense(4, relu, adds=1, dropout=0.25) -> "
        "dense(1, sigmoid, reads=[2, 0, 1]) ; 1 bce + 0.5 clipped_cross_entropy, "
        "smoothing=0.2, l1=0.001, l2=0.002"
    ),
}
