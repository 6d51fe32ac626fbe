// The measured graphs as ONNX, for other programs to run.
import Glibc
import Graphs
import Networks
import Tensors

/// Writes every network whose graph is a model of its own, and `graphs.json`, which lists them.
func exportGraphs(to folder: String) throws {
    var entries: [String] = []
    for (index, network) in measuredNetworks.enumerated() {
        let file = "\(index).onnx"
        let shape = network.shapes["x"]!
        let isTraining = network.graph.output("loss") != nil
        try network.inference.writeONNX(
            to: "\(folder)/\(file)",
            parameters: Parameters(
                network.parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }),
            inputs: ["x": shape.dimensions.map { .fixed($0) }])
        entries.append(
            "{\"index\": \(index), \"name\": \"\(network.name)\", \"file\": \"\(file)\", "
                + "\"input\": \(shape.dimensions), \"operations\": \(network.operations), "
                + "\"training\": \(isTraining)}")
    }
    guard let list = fopen("\(folder)/graphs.json", "w") else {
        print("bench: cannot write \(folder)/graphs.json")
        exit(73)
    }
    fputs("[\n  " + entries.joined(separator: ",\n  ") + "\n]\n", list)
    fclose(list)
}
