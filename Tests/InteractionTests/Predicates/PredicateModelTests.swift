import Networks
import Tensors
import TestSupport
import Testing

@testable import Interaction

/// A model with weights drawn at random.
func randomModel(
    _ verbs: [String], readsObject: Bool = false, unseen: Set<Triplet> = [], seed: UInt64 = 1
) -> PredicateModel {
    let head = PredicateHead(
        verbCount: verbs.count, widths: [32, 16], readsObject: readsObject)
    var random = RandomSource(seed: seed)
    return PredicateModel(
        head, parameters: Parameters(initialising: head, using: &random), verbNames: verbs,
        unseen: unseen, metadata: ["percept.objective": "erm"])
}

@Suite("Predicate models as files")
struct PredicateModelTests {
    private let folder = TemporaryFolder()

    @Test("What is written is read again", arguments: [false, true])
    func roundTrip(readsObject: Bool) throws {
        let unseen: Set = [
            Triplet(verb: "sit instr", object: "dining table"),
            Triplet(verb: "eat", object: "hot dog"),
        ]
        let model = randomModel(
            ["eat", "sit instr"], readsObject: readsObject, unseen: unseen)
        try model.write(to: folder("head.safetensors"))
        let read = try PredicateModel(contentsOf: folder("head.safetensors"))
        #expect(read.verbNames == model.verbNames && read.unseen == unseen)
        #expect(read.head.widths == [32, 16] && read.head.readsObject == readsObject)
        #expect(read.parameters.isIdentical(to: model.parameters))
        #expect(read.metadata["percept.objective"] == "erm")
    }

    @Test("A file of other weights is refused, and so is one that says nothing of its verbs")
    func others() throws {
        let model = randomModel(["eat", "hold"])
        let path = folder("head.safetensors")
        func message(_ metadata: [String: String]) throws -> String {
            try model.parameters.write(to: path, metadata: metadata)
            let error = try #require(throws: SafetensorsError.self) {
                try PredicateModel(contentsOf: path)
            }
            return "\(error)"
        }
        let whole = [
            "percept.kind": "predicate head", "percept.verbs": "eat\nhold",
            "percept.widths": "32 16", "percept.reads_object": "0", "percept.unseen": "",
        ]
        #expect(try message([:]).contains("percept.kind"))
        for (key, wrong) in [
            ("percept.kind", "detector"), ("percept.verbs", ""), ("percept.verbs", "eat\neat"),
            ("percept.widths", "32 x"), ("percept.widths", "0 16"), ("percept.widths", ""),
            ("percept.reads_object", "yes"), ("percept.unseen", "eat hot dog"),
        ] {
            #expect(
                try message(whole.merging([key: wrong]) { $1 }).contains(key), "\(key) \(wrong)")
        }
        #expect(
            try message(whole.merging(["percept.verbs": "eat"]) { $1 }).contains("verbs.weight"))
        try model.parameters.write(to: path, metadata: whole)
        #expect(try PredicateModel(contentsOf: path).unseen.isEmpty)
    }
}
