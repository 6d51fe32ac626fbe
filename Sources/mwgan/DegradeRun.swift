// What `mwgan degrade` does with its options: clips, plan, references, pairs.
import Enhancement
import Media
import Synchronization
import Terminal

struct DegradeRun {
    typealias Options = DegradeCommand

    private let arguments: Arguments
    private let log: Log
    private let folder: String
    private let jobs: Int

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        log = try CommonOptions.log(arguments)
        guard let folder = arguments[Options.output] else {
            throw UsageError.nonsense("where do the pairs go? -o PAIRS says it")
        }
        self.folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        jobs = arguments[Options.jobs] ?? Machine.coreCount
    }

    func run() throws -> ExitCode {
        let wishes = try wishes()
        let isRehearsal = arguments[Options.dryRun]
        let files = try Footage.files(arguments[Options.clips], excluding: folder)
        let maker = isRehearsal ? nil : try maker()
        let manifest = try PairManifest(folder: folder, isReadOnly: isRehearsal)
        let (clips, unread) = try open(files)
        if let code = Signals.exitCode { return code }
        let plan = try DegradationPlan(
            clips, sets: try sets(of: clips, manifest, wishes.seed), wishes)
        guard !plan.pairs.isEmpty else {
            log.warning("no clip is left for the set \(arguments[Options.set].rawValue)")
            return .someFailed
        }
        guard let maker else {
            for pair in plan.pairs {
                CommonOptions.output("\(pair.set) \(pair.source) \(pair.recipe.description)")
            }
            return unread > 0 ? .someFailed : .success
        }
        let failures = try make(plan.pairs, maker, manifest)
        if let code = Signals.exitCode {
            log.info("stopped; the same command goes on where this one ended")
            return code
        }
        log.info("\(plan.pairs.count - failures) of \(plan.pairs.count) pairs are in \(folder)")
        CommonOptions.output(manifest.path)
        return failures + unread > 0 ? .someFailed : .success
    }

    private func maker() throws -> PairMaker {
        try PairMaker(folder: folder, shouldStop: { Signals.isStopRequested })
    }

    /// Codecs that this FFmpeg lacks are left out, unless they were asked for.
    private func wishes() throws -> DegradationWishes {
        var wishes = DegradationWishes()
        let asked = arguments[Options.codecs].compactMap(Recipe.Codec.init(rawValue:))
        let missing = (asked.isEmpty ? Recipe.Codec.allCases : asked).filter {
            !ClipEncoding.isAvailable($0.encoder)
        }
        if let first = missing.first, !asked.isEmpty {
            throw OutputError.noEncoder(
                name: first.encoder,
                advice: "install a complete libavcodec (Debian: libavcodec-extra), or leave"
                    + " \(first.rawValue) out of --codecs")
        }
        if !missing.isEmpty {
            log.warning(
                "this FFmpeg cannot encode \(missing.map(\.rawValue).joined(separator: ", ")); "
                    + "pairs are made without")
        }
        wishes.codecs = Set(asked.isEmpty ? Recipe.Codec.allCases : asked).subtracting(missing)
        let controls = arguments[Options.rates].compactMap(Recipe.Control.init(rawValue:))
        if !controls.isEmpty { wishes.controls = Set(controls) }
        wishes.recipesPerWindow = arguments[Options.perClip]
        wishes.frames = arguments[Options.frames]
        wishes.maximumHeight = arguments[Options.height]
        wishes.seed = arguments[Options.seed]
        return wishes
    }

    /// Opens all clips; those that cannot be used are reported, and end the run only where none is left.
    private func open(_ files: [String]) throws -> (clips: [Footage], unread: Int) {
        let opened = Mutex<[Int: Result<Footage, any Error>]>([:])
        try inParallel(files.count, threads: jobs) { index in
            if Signals.isStopRequested { return }
            let result = Result { try Footage(path: files[index]) }
            opened.withLock { $0[index] = result }
        }
        let results = opened.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
        var clips: [Footage] = []
        var failures: [any Error] = []
        for result in results {
            switch result {
            // The same clip under two names is one clip.
            case .success(let clip):
                if !clips.contains(where: { $0.name == clip.name }) { clips.append(clip) }
            case .failure(let error): failures.append(error)
            }
        }
        if clips.isEmpty, let last = failures.popLast() {
            for error in failures { log.error("\(error)") }
            throw last
        }
        for error in failures { log.error("\(error)") }
        return (clips, failures.count)
    }

    /// The set of each clip; without one where it belongs to another set already.
    private func sets(
        of clips: [Footage], _ manifest: PairManifest, _ seed: Int
    ) throws -> [String: String] {
        let wanted = arguments[Options.set].rawValue
        let known = manifest.sets
        guard wanted == "train" else {
            guard !arguments.isGiven(Options.holdOut) else {
                throw UsageError.nonsense("--hold-out wants --set train")
            }
            var sets: [String: String] = [:]
            for clip in clips {
                let set = known[clip.name] ?? wanted
                if set == wanted {
                    sets[clip.name] = set
                } else {
                    log.warning("\(clip.path) is in the set \(set) already, and stays there")
                }
            }
            return sets
        }
        let free = clips.filter { (known[$0.name] ?? "train") != "validate" }
        for clip in clips where known[clip.name] == "validate" {
            log.warning("\(clip.path) is in the set validate already, and stays there")
        }
        let sets = try holdOut().sets(of: free, known: known, seed: seed)
        let held = free.filter { sets[$0.name] == "select" }.map(\.stem)
        if held.isEmpty {
            log.warning("no clip is held out: 'mwgan evaluate' has nothing to choose by")
        } else {
            log.info("held out as the set select: \(held.joined(separator: ", "))")
        }
        return sets
    }

    private func holdOut() -> HoldOut {
        guard let text = arguments[Options.holdOut] else { return .share }
        if let count = Int(text), count >= 0 { return .count(count) }
        return .names(text.split(separator: ",").map(String.init))
    }

    /// Makes what is missing, windows first; returns how many pairs could not be made.
    private func make(
        _ pairs: [PlannedPair], _ maker: PairMaker, _ manifest: PairManifest
    ) throws -> Int {
        let missing = pairs.filter { !manifest.known.contains($0.id) || !maker.isMade($0) }
        let lost = Mutex<Set<String>>([])
        try work("references", on: maker.missingWindows(of: missing)) { pair in
            do { try maker.makeWindow(of: pair) } catch {
                _ = lost.withLock { $0.insert(pair.source) }
                throw error
            }
        }
        let whole = missing.filter { pair in lost.withLock { !$0.contains(pair.source) } }
        let failures = try work("pairs", on: whole) { pair in
            try manifest.append(pair, try maker.make(pair))
        }
        return missing.count - whole.count + failures
    }

    /// Does the same with each pair, several at a time, and reports what fails; a full disk ends the run.
    ///
    /// - Returns: how many failed.
    @discardableResult
    private func work(
        _ label: String, on pairs: [PlannedPair],
        _ body: @escaping @Sendable (PlannedPair) throws -> Void
    ) throws -> Int {
        guard !pairs.isEmpty, !Signals.isStopRequested else { return 0 }
        let display = CommonOptions.progress(label, total: pairs.count, unit: label, arguments)
        defer { display.finish() }
        let counts = Mutex((done: 0, failed: 0))
        let log = log
        try inParallel(pairs.count, threads: jobs) { index in
            if Signals.isStopRequested { return }
            do {
                try body(pairs[index])
            } catch is EncodingStopped {
                return
            } catch {
                let status = (error as? any ExitCodeProviding)?.exitCode
                let ends: [ExitCode] = [.cannotCreate, .inputOutput]
                if let status, ends.contains(where: { $0.rawValue == status }),
                    !DegradeRun.isLibraryFailure(error)
                {
                    throw error
                }
                log.error("\(pairs[index].id): \(error)")
                counts.withLock { $0.failed += 1 }
            }
            let done = counts.withLock { counts in
                counts.done += 1
                return counts.done
            }
            display.update(done: done)
        }
        return counts.withLock { $0.failed }
    }

    /// An encoder that fails on one clip may do on the next.
    private static func isLibraryFailure(_ error: any Error) -> Bool {
        switch error as? MediaError {
        case .library, .inputFailure: true
        default: false
        }
    }
}
