// The plan of a batch as a file: JSON Lines that any machine can take units from.
import Enhancement
import Media
import Terminal

/// What is to be done, down to the bit: inputs by digest, options with their digests, units by number.
///
/// As a file: the first line says what holds for all; then a line for each job and, behind it, one for each of its units.
public struct Manifest: Sendable {
    /// The folder of outputs, absolute.
    public var output: String
    /// What is done with every input.
    public var options: BatchOptions
    /// The inputs.
    public var jobs: [BatchJob]

    /// Numbers the units of jobs.
    public init(output: String, options: BatchOptions, jobs: [BatchJob]) {
        self.output = output
        self.options = options
        var next = 0
        self.jobs = jobs.map { job in
            var job = job
            job.firstUnit = next
            next += job.unitCount
            return job
        }
    }

    /// How many units there are.
    public var unitCount: Int { jobs.last.map { $0.units.upperBound } ?? 0 }

    /// All units.
    public var units: [BatchUnit] { jobs.indices.flatMap(units) }

    /// The units of a job.
    public func units(of job: Int) -> [BatchUnit] {
        jobs[job].units.map { BatchUnit(index: $0, job: job, part: $0 - jobs[job].firstUnit) }
    }

    /// What the enhancement of a job depends on beside its input; nil where nothing is enhanced.
    func enhanceDigest(of job: BatchJob) -> String? {
        options.enhance.map { Self.digest($0.digest, job) }
    }

    /// The digest of what all jobs have in common, with the job's own shots.
    static func digest(_ common: String, _ job: BatchJob) -> String {
        guard let shots = job.shots else { return common }
        return FileSeal.digest(of: JSONValue.array([.string(common), shots.list]).compact)
    }

    // MARK: - As a file

    static let version = 1

    /// The lines of the file.
    public var lines: [String] {
        let enhance = options.enhance?.digest, interactions = options.interactions?.digest
        func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
        let head = JSONValue.object([
            ("manifest", .int(Self.version)), ("output", .string(output)),
            ("options", options.json),
            (
                "optionsDigests",
                .object([("enhance", text(enhance)), ("hoi", text(interactions))])
            ),
            ("jobs", .int(jobs.count)), ("units", .int(unitCount)),
        ])
        return [head.compact]
            + jobs.indices.flatMap { index -> [String] in
                let job = jobs[index]
                return [line(index).compact]
                    + job.units.map { unitLine($0, of: index).compact }
            }
    }

    private func line(_ index: Int) -> JSONValue {
        let job = jobs[index]
        let stamp = job.stamp
        var members: [(String, JSONValue)] = [
            ("job", .int(index)), ("name", .string(job.input.name)),
            ("input", .string(job.input.path)), ("digest", job.seal.json),
            ("stamp", .integers([stamp.bytes, stamp.inode, stamp.written, stamp.changed])),
            ("output", job.output.map(JSONValue.string) ?? .null),
            ("facts", job.facts?.json ?? .null), ("failure", job.failure?.json ?? .null),
            ("isParted", .bool(!job.segments.isEmpty)),
        ]
        if let shots = job.shots { members.append(("shots", shots.json)) }
        return .object(members)
    }

    private func unitLine(_ unit: Int, of index: Int) -> JSONValue {
        let job = jobs[index]
        let part = unit - job.firstUnit
        let segment = job.segments.indices.contains(part) ? job.segments[part] : nil
        return .object([
            ("unit", .int(unit)), ("job", .int(index)), ("part", .int(part)),
            ("inputDigest", .string(job.seal.sha256)),
            (
                "optionsDigest",
                .string(enhanceDigest(of: job) ?? options.interactions?.digest ?? "")
            ),
            ("output", .string(OutputFolder(output).product(of: job, part: part))),
            ("range", segment?.json ?? .null),
        ])
    }

    /// Writes the file, all or nothing.
    ///
    /// - Throws: `MediaError`, `OutputError`.
    public func write(to path: String) throws {
        try writeFile(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    }

    /// Reads a file.
    ///
    /// - Throws: `MediaError` where it cannot be read, ``ManifestError``.
    public init(contentsOf path: String) throws {
        let bytes = try readFile(path)
        var lines = bytes.split(separator: 0x0A).enumerated().makeIterator()
        func parse(_ line: (offset: Int, element: ArraySlice<UInt8>)) throws -> JSONValue {
            do {
                return try JSONValue(parsing: line.element)
            } catch {
                throw ManifestError(path: path, line: line.offset + 1, problem: "\(error)")
            }
        }
        guard let first = lines.next() else {
            throw ManifestError(path: path, line: 1, problem: "the file is empty")
        }
        let head = try parse(first)
        guard head["manifest"]?.integer == Self.version, let output = head["output"]?.text,
            let options = head["options"].flatMap(BatchOptions.init),
            let jobCount = head["jobs"]?.integer, let unitCount = head["units"]?.integer
        else {
            throw ManifestError(
                path: path, line: 1, problem: "is not the plan of a batch, or of another version")
        }
        self.output = output
        self.options = options
        jobs = []
        var seen = 0
        while let line = lines.next() {
            func fail(_ problem: String) -> ManifestError {
                ManifestError(path: path, line: line.offset + 1, problem: problem)
            }
            let json = try parse(line)
            if let number = json["unit"]?.integer {
                guard number == seen, json["job"]?.integer == jobs.count - 1, !jobs.isEmpty else {
                    throw fail("unit \(number) is out of order")
                }
                seen += 1
                guard let range = json["range"], range != .null else { continue }
                guard let segment = Segment(range) else { throw fail("a range that is none") }
                jobs[jobs.count - 1].segments.append(segment)
                continue
            }
            guard json["job"]?.integer == jobs.count, let job = BatchJob(json, firstUnit: seen)
            else { throw fail("neither a job nor a unit in order") }
            jobs.append(job)
        }
        guard jobs.count == jobCount, seen == unitCount, seen == self.unitCount else {
            throw ManifestError(
                path: path, line: jobs.count + seen + 1,
                problem: "ends early: \(seen) of \(unitCount) units")
        }
    }

    /// The unit of a number.
    ///
    /// - Throws: `MediaError` with status 64 where there is none.
    public func unit(_ index: Int) throws -> BatchUnit {
        guard let job = jobs.firstIndex(where: { $0.units.contains(index) }) else {
            throw MediaError.usage(
                unitCount == 0
                    ? "there is no unit \(index): the plan has none"
                    : "there is no unit \(index): they go from 0 to \(unitCount - 1)")
        }
        return BatchUnit(index: index, job: job, part: index - jobs[job].firstUnit)
    }
}

extension BatchJob {
    fileprivate init?(_ json: JSONValue, firstUnit: Int) {
        guard let name = json["name"]?.text, let path = json["input"]?.text,
            let seal = json["digest"].flatMap(FileSeal.init),
            let stamp = json["stamp"]?.integers, stamp.count == 4
        else { return nil }
        input = BatchInput(name: name, path: path)
        self.seal = seal
        self.stamp = FileStamp(
            bytes: stamp[0], inode: stamp[1], written: stamp[2], changed: stamp[3])
        output = json["output"]?.text
        facts = json["facts"].flatMap(InputFacts.init)
        failure = json["failure"].flatMap(JobFailure.init)
        if let planned = json["shots"] {
            guard let shots = PlannedShots(planned) else { return nil }
            self.shots = shots
        }
        self.firstUnit = firstUnit
        guard facts != nil || failure != nil, Self.isInside(name), output.map(Self.isInside) ?? true
        else { return nil }
    }

    /// Whether a name stays below a folder.
    private static func isInside(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix("/") && !name.split(separator: "/").contains("..")
    }
}

/// A plan that cannot be read.
public struct ManifestError: ExitCodeProviding, Equatable {
    /// The file, the line, and what is wrong there.
    public let path: String, line: Int, problem: String

    /// 65.
    public var exitCode: Int32 { ExitCode.badData.rawValue }
    /// One line.
    public var description: String { "\(path), line \(line): \(problem)" }
}
