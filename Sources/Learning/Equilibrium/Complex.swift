// Complex numbers and tensors of them, as far as holomorphic estimates need them.
import Glibc
import Tensors

/// A complex number in Double.
struct Complex: Hashable, Sendable, CustomStringConvertible {
    var real: Double, imaginary: Double

    init(_ real: Double, _ imaginary: Double = 0) {
        self.real = real
        self.imaginary = imaginary
    }

    /// `radius` e^(i angle).
    init(radius: Double, angle: Double) {
        self.init(radius * Glibc.cos(angle), radius * Glibc.sin(angle))
    }

    static func + (a: Complex, b: Complex) -> Complex {
        Complex(a.real + b.real, a.imaginary + b.imaginary)
    }
    static func - (a: Complex, b: Complex) -> Complex {
        Complex(a.real - b.real, a.imaginary - b.imaginary)
    }
    static func * (a: Complex, b: Complex) -> Complex {
        Complex(
            a.real * b.real - a.imaginary * b.imaginary,
            a.real * b.imaginary + a.imaginary * b.real)
    }
    static func / (a: Complex, b: Complex) -> Complex {
        let square = b.real * b.real + b.imaginary * b.imaginary
        let product = a * Complex(b.real, -b.imaginary)
        return Complex(product.real / square, product.imaginary / square)
    }

    /// e to the power of this number.
    var exponential: Complex { Complex(radius: Double.exp(real), angle: imaginary) }

    /// 1 / (1 + e^-z), from the exponential that cannot overflow.
    var sigmoid: Complex {
        if real < 0 {
            let small = exponential
            return small / (Complex(1) + small)
        }
        return Complex(1) / (Complex(1) + Complex(-real, -imaginary).exponential)
    }

    /// The hyperbolic tangent, 2 sigmoid(2z) - 1.
    var tanh: Complex {
        let doubled = Complex(2 * real, 2 * imaginary).sigmoid
        return Complex(2 * doubled.real - 1, 2 * doubled.imaginary)
    }

    var description: String { imaginary == 0 ? "\(real)" : "\(real) + \(imaginary)i" }
}

/// A tensor of complex numbers, as two tensors of reals.
struct ComplexTensor: Sendable {
    var real: Tensor<Double>
    /// nil where all numbers are real.
    var imaginary: Tensor<Double>?

    init(_ real: Tensor<Double>, _ imaginary: Tensor<Double>? = nil) {
        self.real = real
        self.imaginary = imaginary
    }

    init(_ number: Complex) {
        self.init(
            Tensor(number.real), number.imaginary == 0 ? nil : Tensor(number.imaginary))
    }

    /// A function of each number.
    func map(_ function: (Complex) -> Complex) -> ComplexTensor {
        let (x, y) = (real.elements, (imaginary ?? real.map { _ in 0 }).elements)
        let results = zip(x, y).map { function(Complex($0, $1)) }
        return ComplexTensor(
            Tensor(results.map(\.real), shape: real.shape),
            Tensor(results.map(\.imaginary), shape: real.shape))
    }

    /// The sum of the squared absolute values of a difference, or of this tensor itself.
    func squaredLength(from other: ComplexTensor? = nil) -> Double {
        func sum(_ a: Tensor<Double>?, _ b: Tensor<Double>?) -> Double {
            switch (a?.elements, b?.elements) {
            case (let a?, let b?): zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            case (let a?, nil), (nil, let a?): a.reduce(0) { $0 + $1 * $1 }
            case (nil, nil): 0
            }
        }
        return sum(real, other?.real) + sum(imaginary, other?.imaginary)
    }
}
