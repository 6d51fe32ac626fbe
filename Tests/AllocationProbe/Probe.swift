// Runs a plan under a counting malloc and prints how many large blocks three more runs asked for.
import AllocationCount
import Compute
import Graphs
import Tensors

/// The network called `name` for pictures of 16 channels.
func network(_ name: String) -> (graph: Graph, shapes: [String: Shape]) {
    var shapes: [String: Shape] = ["x": [1, 16, 64, 96]]
    let graph = Graph.build { builder in
        func convolution(_ x: Value, _ path: String, _ inputs: Int, _ outputs: Int) -> Value {
            shapes[path] = [outputs, inputs, 3, 3]
            return x.convolved(with: builder.parameter(path), ConvolutionGeometry(padding: 1))
        }
        var x = builder.input("x")
        switch name {
        case "chain":
            for block in 0..<2 {
                x = x + convolution(convolution(x, "\(block).0", 16, 16).relu, "\(block).1", 16, 16)
            }
        case "dense":
            let y = convolution(x, "0", 16, 16).leakyReLU(0.2)
            x = x + 0.2 * convolution(builder.concatenate([x, y]), "1", 32, 16)
        case "packets":
            x = convolution(x.haarPackets, "0", 64, 64).silu.inverseHaarPackets
            x = x.resized(.bilinear, by: ResizeScale(2))
        default: preconditionFailure("no network '\(name)'")
        }
        builder.output(x, "y")
    }
    return (graph, shapes)
}

@main
struct Probe {
    static func main() throws {
        let name = CommandLine.arguments.dropFirst().first ?? "chain"
        let precision = CommandLine.arguments.contains("bf16") ? Precision.bf16 : .f32
        if name == "control" {
            // What the count must see: a tensor of ours, and a plan made by oneDNN.
            percept_count_allocations()
            let tensor = Tensor<Float>(repeating: 1, shape: [64, 64])
            let own = percept_counted_allocations()
            percept_count_allocations()
            let (graph, shapes) = network("chain")
            let plan = try Plan(graph, shapes: shapes)
            print(own, percept_counted_allocations(), tensor.count, plan.byteCount)
        } else {
            let (graph, shapes) = network(name)
            let plan = try Plan(
                graph, shapes: shapes, options: PlanOptions(precision: precision, threads: 2))
            try plan.run()
            percept_count_allocations()
            for _ in 0..<3 { try plan.run() }
            print(percept_counted_allocations())
        }
    }
}
