// Actors in safetensors files: what stands in their metadata, and which kind is read back.
import Networks
import Tensors

/// Actors in files.
public enum ActorFile {
    static let version = "2"

    /// The actor that a file holds.
    ///
    /// - Throws: `SafetensorsError` naming what is missing or does not fit.
    public static func read(_ path: String) throws(SafetensorsError) -> any PolicyActor {
        let file = try Safetensors(contentsOf: path)
        let head = try ActorHead(file)
        switch head.kind {
        case NetworkActor.kind: return try NetworkActor(file, head)
        case KernelActor.kind: return try KernelActor(file, head)
        case ForestActor.kind: return try ForestActor(file, head)
        default:
            throw file.error(
                .metadata(
                    key: "policy.kind", expected: "network, kernel or forest", found: head.kind))
        }
    }
}

/// What the metadata of each actor's file say.
struct ActorHead {
    let kind: String, stateCount: Int, box: ActionBox

    /// The head of a file.
    init(_ file: Safetensors) throws(SafetensorsError) {
        _ = try file.value("policy.version", "version \(ActorFile.version) of an actor") {
            $0 == ActorFile.version ? $0 : nil
        }
        kind = try file.value("policy.kind", "a kind of actor") { $0 }
        // Far beyond any use, and small enough that products of extents do not overflow.
        func extent(_ text: String) -> Int? {
            Int(text).flatMap { (1...1 << 20).contains($0) ? $0 : nil }
        }
        stateCount = try file.value("policy.state", "a number of numbers", extent)
        let count = try file.value("policy.action", "a number of numbers", extent)
        let limit = try file.value("policy.limit", "a number above 0") {
            Float($0).flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
        }
        box = ActionBox(count, limit: limit)
    }

    /// The metadata of an actor.
    static func metadata(_ kind: String, _ actor: some PolicyActor) -> [String: String] {
        [
            "policy.version": ActorFile.version, "policy.kind": kind,
            "policy.state": "\(actor.stateCount)", "policy.action": "\(actor.box.count)",
            "policy.limit": "\(actor.box.limit)",
        ]
    }
}

extension Safetensors {
    /// A matrix with so many columns and any number of rows.
    func matrix(_ name: String, columns: Int) throws(SafetensorsError) -> Tensor<Float> {
        guard let entry = entry(name) else { throw error(.missingTensor(name)) }
        guard entry.shape.count == 2, entry.shape[1] == columns else {
            let rows = entry.shape.first ?? 0
            throw error(
                .wrongShape(tensor: name, expected: [rows, columns], found: entry.shape))
        }
        return try tensor(name)
    }
}
