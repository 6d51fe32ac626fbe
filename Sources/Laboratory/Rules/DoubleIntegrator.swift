// A mass on a rail, the best way to push it to rest, and a way that infers what to do.

/// A point of unit mass: position and velocity, pushed by a force.
struct DoubleIntegrator {
    /// Seconds of a step, and what position, velocity and force cost.
    let step = 0.1, position = 1.0, velocity = 0.1, force = 0.1
    /// Steps in all.
    let count = 100

    /// The state after a push.
    func next(_ x: (Double, Double), _ push: Double) -> (Double, Double) {
        (x.0 + step * x.1 + 0.5 * step * step * push, x.1 + step * push)
    }

    /// What a way to push costs in all.
    func cost(from start: (Double, Double), _ push: ((Double, Double)) -> Double) -> Double {
        var (x, sum) = (start, 0.0)
        for _ in 0..<count {
            let u = push(x)
            sum += position * x.0 * x.0 + velocity * x.1 * x.1 + force * u * u
            x = next(x, u)
        }
        return sum
    }

    /// The optimal push without an end of time: the Riccati equation iterated until it stands still.
    var optimalPush: ((Double, Double)) -> Double {
        // P is symmetric: a, b, c.
        var (a, b, c) = (position, 0.0, velocity)
        var gain = (0.0, 0.0)
        let (h, half) = (step, 0.5 * step * step)
        for _ in 0..<5000 {
            // P A with A = [1 h; 0 1], and B' P with B = [h²/2; h].
            let left = (half * a + h * b, half * b + h * c)
            let weight = force + half * left.0 + h * left.1
            let product = (left.0, h * left.0 + left.1)
            gain = (product.0 / weight, product.1 / weight)
            let (pa, pb, pc) = (a, h * a + b, h * (h * a + 2 * b) + c)
            (a, b, c) = (
                position + pa - product.0 * gain.0, pb - product.0 * gain.1,
                velocity + pc - product.1 * gain.1
            )
        }
        return { -(gain.0 * $0.0 + gain.1 * $0.1) }
    }

    /// A controller that infers its pushes.
    func inference() -> ActiveInference { ActiveInference(plant: self) }
}

/// Pushes as value nodes: each is predicted to be nothing, and what the model says will be sensed is predicted to be rest.
///
/// Errors of both kinds, weighed by precisions, are what inference makes small; its first push is done, and inference goes on from
/// the others.
///
/// - SeeAlso: arXiv:2202.09467, on control: preferences are predictions that action fulfils.
struct ActiveInference {
    private let plant: DoubleIntegrator
    /// Pushes to come.
    private var pushes = [Double](repeating: 0, count: 40)
    /// Steps of inference for each step of the world, and how far each goes, with how much of the last.
    private let steps = 60, momentum = 0.9
    private let rate: Double

    init(plant: DoubleIntegrator) {
        self.plant = plant
        // One over a bound of the curvature: what a push does to all that follows.
        var sum = plant.force
        for ahead in 1...40 {
            let (x, v) = (plant.step * plant.step * Double(ahead), plant.step)
            sum += 40 * (plant.position * x * x + plant.velocity * v * v)
        }
        rate = 1 / sum
    }

    /// What to do in a state.
    mutating func push(_ x: (Double, Double)) -> Double {
        var speed = [Double](repeating: 0, count: pushes.count)
        for _ in 0..<steps {
            let slopes = slopes(from: x)
            for index in pushes.indices {
                speed[index] = momentum * speed[index] - rate * slopes[index]
                pushes[index] += speed[index]
            }
        }
        let first = pushes[0]
        pushes = Array(pushes.dropFirst()) + [0]
        return first
    }

    /// The energy's slope for each push: errors of what is sensed flow back through the model.
    private func slopes(from start: (Double, Double)) -> [Double] {
        var states = [start]
        for push in pushes { states.append(plant.next(states.last!, push)) }
        var slopes = [Double](repeating: 0, count: pushes.count)
        var error = (0.0, 0.0)
        for index in pushes.indices.reversed() {
            let sensed = states[index + 1]
            error = (
                plant.position * sensed.0 + error.0,
                plant.velocity * sensed.1 + plant.step * error.0 + error.1
            )
            slopes[index] =
                plant.force * pushes[index] + 0.5 * plant.step * plant.step * error.0
                + plant.step * error.1
        }
        return slopes
    }
}
