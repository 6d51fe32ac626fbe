// The number types that a plan computes in.
import COneDNN

/// The type of activations inside a plan; borders, parameters and sums are always Float.
public enum Precision: String, Sendable, CaseIterable {
    /// IEEE single precision.
    case f32
    /// bfloat16 activations and weights, accumulated in single precision.
    case bf16
    /// 8-bit products in residual blocks that were calibrated, the rest as `automatic`.
    case int8

    /// bf16 where this processor multiplies it natively, else f32.
    public static var automatic: Precision { Processor.multipliesBF16 ? .bf16 : .f32 }

    /// The types that need no calibration.
    public static let floats: [Precision] = [.f32, .bf16]

    /// The type of what is not computed in 8 bits.
    public var float: Precision { self == .int8 ? .automatic : self }

    var dataType: dnnl_data_type_t { float == .bf16 ? dnnl_bf16 : dnnl_f32 }
}

/// What oneDNN may use of this processor, `ONEDNN_MAX_CPU_ISA` included.
public enum Processor {
    private static var isa: UInt32 { UInt32(dnnl_get_effective_cpu_isa().rawValue) }
    private static func has(_ other: dnnl_cpu_isa_t) -> Bool {
        let bits = UInt32(other.rawValue)
        return isa & bits == bits
    }

    /// Whether bf16 products have instructions of their own.
    public static var multipliesBF16: Bool { has(dnnl_cpu_isa_avx512_core_bf16) }
    /// Whether matrices are multiplied as tiles, many times as fast as vectors are.
    public static var multipliesTiles: Bool { has(dnnl_cpu_isa_avx512_core_amx) }
    /// Whether 512-bit vectors are used.
    public static var hasAVX512: Bool { has(dnnl_cpu_isa_avx512_core) }
    /// Whether 8-bit dot products have instructions of their own.
    public static var hasVNNI: Bool { has(dnnl_cpu_isa_avx512_core_vnni) }
    /// The name of the instruction set in use.
    public static var name: String {
        if multipliesTiles { return "AMX" }
        if multipliesBF16 { return "AVX-512 with bf16" }
        if hasVNNI { return "AVX-512 with VNNI" }
        if hasAVX512 { return "AVX-512" }
        if has(dnnl_cpu_isa_avx2) { return "AVX2" }
        return isa == 0 ? "generic" : "SSE4.1 or AVX"
    }
    /// Names of instruction sets, from the plainest to the richest, and oneDNN's own for each.
    private static let sets: [(name: String, isa: dnnl_cpu_isa_t)] = [
        ("SSE4.1 or AVX", dnnl_cpu_isa_sse41), ("AVX2", dnnl_cpu_isa_avx2),
        ("AVX-512", dnnl_cpu_isa_avx512_core), ("AVX-512 with VNNI", dnnl_cpu_isa_avx512_core_vnni),
        ("AVX-512 with bf16", dnnl_cpu_isa_avx512_core_bf16),
        ("AMX", dnnl_cpu_isa_avx512_core_amx),
    ]

    /// Uses no more of this processor than another one had, so that both compute the same bits.
    ///
    /// Call it before anything is computed and before anything here is asked: oneDNN decides when it is first asked, and
    /// stays with it.
    ///
    /// - Parameter other: The ``name`` there.
    /// - Returns: Whether the instruction set in use is now that one.
    public static func limit(to other: String) -> Bool {
        if let set = sets.first(where: { $0.name == other }) { dnnl_set_max_cpu_isa(set.isa) }
        return name == other
    }

    /// Version of the oneDNN library in use: "2.6.3".
    public static var libraryVersion: String {
        guard let version = dnnl_version()?.pointee else { return "unknown" }
        return "\(version.major).\(version.minor).\(version.patch)"
    }
    /// Channels that lie side by side in blocked layouts: 16 with AVX-512, else 8.
    public static var channelBlock: Int { hasAVX512 ? 16 : 8 }
}
