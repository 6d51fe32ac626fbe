// Who tells more of a picture than the head does.

/// Tells what people do by how they look, beside the head. Belongs to one thread.
public protocol FurtherFindings {
    /// Cells along each side of a box that it is told of.
    var cells: Int { get }

    /// What people do, in any order.
    ///
    /// - Parameters:
    ///   - things: The things that are paired, best first.
    ///   - width: The picture's size in pixels.
    ///   - look: What boxes of the picture look like, as ``RegionReader`` says it.
    ///   - rules: What is looked for, and how sure it must be.
    /// - Throws: `PlanError`; what `look` throws.
    func callAsFunction(
        _ things: [Detection], width: Int, height: Int, look: ([Box]) throws -> [[Float]],
        _ rules: FindingRules
    ) throws -> [Finding]
}
