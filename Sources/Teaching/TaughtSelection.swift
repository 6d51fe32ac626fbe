// Which memory tells what was taught beside a head, and whether it can.
import Interaction
import Media
import Terminal

extension TaughtFindings {
    /// What a memory holds, ready to be told beside a head; nil where nothing was taught, or `named` is "none".
    ///
    /// A memory that was not asked for does not keep anybody from looking at pictures: what is wrong with it is a
    /// warning then.
    ///
    /// - Parameters:
    ///   - named: The folder that was asked for; nil: `usual`, the user's own, where there is one.
    ///   - option: The option that asks for one.
    ///   - space: Read only where something is to be told.
    ///   - detector: The file of the detector that looks, at squares of `side`.
    ///   - head: Is told how people look by the same reader.
    /// - Throws: ``TaughtMemoryError``, ``OtherDetector``, `UsageError`, `MemoryStoreError`, `PlanError`; what `space` throws.
    public static func chosen(
        _ named: String?, _ option: String = "--memory",
        usual: String? = TaughtMemory.usualFolder(), in space: @autoclosure () throws -> LookSpace,
        detector: String, side: Int,
        beside head: BranchedModel, threads: Int = 1, warn: (String) -> Void
    ) throws -> TaughtFindings? {
        guard let folder = named ?? usual, folder != "none",
            named != nil || Folder.exists(folder)
        else { return nil }
        do {
            let memory = try TaughtMemory(contentsOf: folder)
            guard !memory.examples.isEmpty else {
                guard named != nil else { return nil }
                throw TaughtMemoryError(folder, .empty)
            }
            let space = try space()
            try OtherDetector.check(detector, against: space)
            // One reader serves both.
            let cells = head.looking.first?.model.head.regions?.cells ?? PersonLook.cells
            guard cells == PersonLook.cells, side == FindingOptions.side.fallback else {
                throw UsageError.nonsense(
                    "what was taught was seen in \(PersonLook.cells) x \(PersonLook.cells) cells at "
                        + "--side \(FindingOptions.side.fallback), and here it would be otherwise")
            }
            return try TaughtFindings(memory, in: space, threads: threads)
        } catch  where named == nil {
            warn("\(error); what was taught is not told (\(option) none)")
            return nil
        }
    }
}

extension LookSpace {
    /// The option that names how looks are compared.
    public static let option = Option.string(
        "looks", placeholder: "NAME|FILE",
        help: "How looks of people are compared, from 'hoi train --looks'; without it "
            + "looks.safetensors, looked up as 'verbs' is.", group: "Model", completion: .file)
    /// What to do where there is no such file.
    public static let advice = "'hoi train --looks' makes such weights"
}
