// The table of cases, driven against finite differences.
import Graphs
import Tensors
import TestSupport
import Testing

@Suite("Every operation of the table")
struct OperationTableTests {
    @Test("A vector-Jacobian product equals central finite differences", arguments: operationCases)
    func firstDerivative(_ entry: OperationCase) throws {
        let errors = try entry.graph.gradientErrors(
            at: entry.inputs(seed: 5), withRespectTo: entry.differentiableOperands)
        for (operand, error) in errors {
            #expect(error <= 1e-4, "\(entry.name), \(operand)")
        }
    }

    @Test(
        "The derivative of a derivative equals central finite differences",
        arguments: operationCases.filter(\.isTwiceDifferentiable))
    func secondDerivative(_ entry: OperationCase) throws {
        let names = entry.differentiableOperands
        let values = entry.inputs(seed: 6)
        let shape = try #require(try entry.graph.evaluate(values)["y"]?.shape)
        var random = RandomSource(seed: 7)
        let cotangent = ["cotangent.y": Tensor<Double>.uniform(shape, using: &random)]
        let errors = try entry.graph.gradientGraph(withRespectTo: names).gradientErrors(
            at: values.merging(cotangent) { $1 }, withRespectTo: names + ["cotangent.y"])
        for (operand, error) in errors {
            #expect(error <= 1e-4, "\(entry.name), \(operand)")
        }
    }

    @Test("Float and Double references agree", arguments: operationCases)
    func precision(_ entry: OperationCase) throws {
        let values = entry.inputs(seed: 8)
        let exact = try #require(try entry.graph.evaluate(values)["y"])
        let single = try #require(
            try entry.graph.evaluate(values.mapValues { $0.converted(to: Float.self) })["y"])
        #expect(relativeError(single, exact) <= 1e-5)
    }

    @Test("The check fails where one derivative has the wrong sign", arguments: operationCases)
    func checkCanFail(_ entry: OperationCase) throws {
        let last = try #require(entry.graph.output("y"))
        let wrong = Graph.build { builder in
            let values = builder.replay(entry.graph) {
                $0 == last ? WronglySigned(operation: $1) : $1
            }
            builder.output(values[last], "y")
        }
        let errors = try wrong.gradientErrors(
            at: entry.inputs(seed: 5), withRespectTo: entry.differentiableOperands)
        #expect(!errors.isEmpty)
        for (operand, error) in errors {
            #expect(error > 0.01, "\(entry.name), \(operand)")
        }
    }
}

/// Another operation with its derivative turned around: what a careless change does.
private struct WronglySigned: Operation {
    static let kind = "WronglySigned"
    let operation: any Operation
    var shapeOnlyInputs: [Int] { operation.shapeOnlyInputs }

    func shape(of inputs: [Shape]) throws -> Shape { try operation.shape(of: inputs) }

    func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        operation.forward(inputs)
    }

    func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        operation.cotangents(of: node, given: cotangent).map { $0.map { -$0 } }
    }
}
