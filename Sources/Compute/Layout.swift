// Sizes, element type and order in memory of one value inside a plan.
import COneDNN
import Tensors

/// Sizes, element type and order in memory of one value.
final class Layout {
    let handle: percept_layout
    let shape: Shape
    let type: dnnl_data_type_t

    /// How elements are ordered.
    enum Order { case plain, blocked, blocked16, any }

    private init(_ handle: percept_layout?, _ shape: Shape, _ type: dnnl_data_type_t) {
        guard let handle else { preconditionFailure("oneDNN has no layout for \(shape)") }
        self.handle = handle
        self.shape = shape
        self.type = type
    }

    /// Row-major, channel-blocked (rank 4 only; by 16 whatever the processor prefers), or open for a primitive to choose.
    convenience init(_ shape: Shape, _ type: dnnl_data_type_t, _ order: Order = .plain) {
        let dims = Layout.dimensions(shape)
        let rank = Int32(dims.count)
        switch order {
        case .plain:
            let strides = Shape(dims.map { Int($0) }).strides.map { Int64($0) }
            self.init(percept_layout_strided(rank, dims, type, strides), shape, type)
        case .blocked:
            precondition(shape.rank == 4)
            let tag = Processor.channelBlock == 16 ? dnnl_aBcd16b : dnnl_aBcd8b
            self.init(percept_layout_tag(rank, dims, type, tag), shape, type)
        case .blocked16:
            precondition(shape.rank == 4)
            self.init(percept_layout_tag(rank, dims, type, dnnl_aBcd16b), shape, type)
        case .any:
            self.init(percept_layout_tag(rank, dims, type, dnnl_format_tag_any), shape, type)
        }
    }

    /// Any strides, in elements.
    convenience init(_ shape: Shape, _ type: dnnl_data_type_t, strides: [Int]) {
        self.init(
            percept_layout_strided(
                Int32(max(shape.rank, 1)), Layout.dimensions(shape), type,
                strides.isEmpty ? [1] : strides.map { Int64($0) }),
            shape, type)
    }

    /// What a primitive descriptor chose for an argument.
    convenience init(
        _ description: dnnl_primitive_desc_t?, _ what: dnnl_query_t, _ index: Int32 = 0,
        shape: Shape, type: dnnl_data_type_t
    ) {
        self.init(percept_query_layout(description, what, index), shape, type)
    }

    /// What a primitive remembers of a run for its gradient, in the library's own order; nil where it
    /// remembers nothing. `shape` is that of the result.
    convenience init?(workspaceOf description: dnnl_primitive_desc_t, shape: Shape) {
        guard let handle = percept_query_layout(description, dnnl_query_workspace_md, 0) else {
            return nil
        }
        guard percept_layout_size(handle) > 0 else {
            percept_layout_free(handle)
            return nil
        }
        self.init(handle, shape, percept_layout_type(handle))
    }

    /// A region of this layout, in place; nil where the order cannot express it.
    func region(_ shape: Shape, offset: [Int]) -> Layout? {
        guard
            let handle = percept_layout_region(
                self.handle, Layout.dimensions(shape), offset.map { Int64($0) })
        else { return nil }
        return Layout(handle, shape, type)
    }

    deinit { percept_layout_free(handle) }

    /// oneDNN has no rank 0: a scalar is a vector of one.
    static func dimensions(_ shape: Shape) -> [Int64] {
        shape.rank == 0 ? [1] : shape.dimensions.map { Int64($0) }
    }

    var byteCount: Int { percept_layout_size(handle) }
    static func == (a: Layout, b: Layout) -> Bool { percept_layout_equal(a.handle, b.handle) != 0 }

    var isPlain: Bool { self == Layout(shape, type) }
    /// The same order for another element type.
    func converted(to type: dnnl_data_type_t) -> Layout {
        if type == self.type { return self }
        if isPlain { return Layout(shape, type) }
        return Layout(shape, type, .blocked)
    }
}

/// A run of bytes in a plan's memory, and when it is in use.
final class Storage {
    var byteCount: Int
    /// Whether the contents outlive a run: parameters, constants, inputs, outputs.
    var isPersistent: Bool
    /// First and last step that touch it.
    var firstStep = Int.max, lastStep = -1
    /// Position in the plan's memory.
    var offset = 0

    init(byteCount: Int, isPersistent: Bool = false) {
        self.byteCount = byteCount
        self.isPersistent = isPersistent
    }

    func touch(_ step: Int) {
        firstStep = min(firstStep, step)
        lastStep = max(lastStep, step)
    }
}

/// A value's place: a layout at an offset in a storage.
struct Region {
    let storage: Storage
    var byteOffset = 0
    let layout: Layout
}
