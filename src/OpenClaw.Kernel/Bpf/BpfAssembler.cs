using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel.Bpf;

/// <summary>A register. R0 has results, R1 to R5 arguments that a call destroys; R10 is the end of the stack.</summary>
enum BpfRegister
{
    R0,
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,
    R10,
}

/// <summary>The width of a load or store.</summary>
enum BpfWidth
{
    U32 = 0x00,
    U16 = 0x08,
    U8 = 0x10,
    U64 = 0x18,
}

/// <summary>A comparison of 64-bit values, unsigned where it is not signed by name.</summary>
enum BpfCompare
{
    Equal = 0x10,
    Greater = 0x20,
    GreaterOrEqual = 0x30,
    NotEqual = 0x50,
    SignedGreater = 0x60,
}

/// <summary>
/// Writes a program as a list of instructions, for a little-endian machine. Each operation has the name of the C
/// statement that it stands for.
/// </summary>
sealed partial class BpfAssembler
{
    readonly List<ulong> _code = [];
    readonly List<(int At, string Label)> _jumps = [];
    readonly Dictionary<string, int> _labels = new(StringComparer.Ordinal);
    int _ownLabels;

    /// <summary>to = *(width *)(from + offset)</summary>
    public void Load(BpfWidth width, BpfRegister to, BpfRegister from, int offset) =>
        Add(0x61 | (int)width, to, from, offset, 0);

    /// <summary>*(width *)(to + offset) = from</summary>
    public void Store(BpfWidth width, BpfRegister to, int offset, BpfRegister from) =>
        Add(0x63 | (int)width, to, from, offset, 0);

    /// <summary>*(width *)(to + offset) = value</summary>
    public void Store(BpfWidth width, BpfRegister to, int offset, int value) =>
        Add(0x62 | (int)width, to, 0, offset, value);

    /// <summary>*(u64 *)(to + offset) += from, as one step that no other CPU divides.</summary>
    public void AddAtomically(BpfRegister to, int offset, BpfRegister from) => Add(0xdb, to, from, offset, 0);

    /// <summary>to = from</summary>
    public void Move(BpfRegister to, BpfRegister from) => Add(0xbf, to, from, 0, 0);

    /// <summary>to = value</summary>
    public void Move(BpfRegister to, int value) => Add(0xb7, to, 0, 0, value);

    /// <summary>to += value</summary>
    public void Add(BpfRegister to, int value) => Add(0x07, to, 0, 0, value);

    /// <summary>to += from</summary>
    public void Add(BpfRegister to, BpfRegister from) => Add(0x0f, to, from, 0, 0);

    /// <summary>to -= from</summary>
    public void Subtract(BpfRegister to, BpfRegister from) => Add(0x1f, to, from, 0, 0);

    /// <summary>to /= value</summary>
    public void Divide(BpfRegister to, int value) => Add(0x37, to, 0, 0, value);

    /// <summary>to |= from</summary>
    public void Or(BpfRegister to, BpfRegister from) => Add(0x4f, to, from, 0, 0);

    /// <summary>to &amp;= from</summary>
    public void And(BpfRegister to, BpfRegister from) => Add(0x5f, to, from, 0, 0);

    /// <summary>to &amp;= value</summary>
    public void And(BpfRegister to, int value) => Add(0x57, to, 0, 0, value);

    /// <summary>to &lt;&lt;= bits</summary>
    public void ShiftLeft(BpfRegister to, int bits) => Add(0x67, to, 0, 0, bits);

    /// <summary>to &lt;&lt;= bits</summary>
    public void ShiftLeft(BpfRegister to, BpfRegister bits) => Add(0x6f, to, bits, 0, 0);

    /// <summary>to >>= bits</summary>
    public void ShiftRight(BpfRegister to, int bits) => Add(0x77, to, 0, 0, bits);

    /// <summary>to >>= bits</summary>
    public void ShiftRight(BpfRegister to, BpfRegister bits) => Add(0x7f, to, bits, 0, 0);

    /// <summary>to = the address of the map</summary>
    public void LoadMap(BpfRegister to, BpfMap map)
    {
        Add(0x18, to, (BpfRegister)LinuxBpf.BPF_PSEUDO_MAP_FD, 0, map.Descriptor);
        _code.Add(0);
    }

    /// <summary>to = the address of the first value of an array</summary>
    public void LoadMapValue(BpfRegister to, BpfMap map)
    {
        Add(0x18, to, (BpfRegister)LinuxBpf.BPF_PSEUDO_MAP_VALUE, 0, map.Descriptor);
        _code.Add(0);
    }

    /// <summary>R0 = helper(R1, …, R5)</summary>
    public void Call(int helper) => Add(0x85, 0, 0, 0, helper);

    /// <summary>R0 = function(R1, …, R5), a function of the kernel by its number in BTF.</summary>
    public void CallKernel(int function) => Add(0x85, 0, (BpfRegister)LinuxBpf.BPF_PSEUDO_KFUNC_CALL, 0, function);

    /// <summary>if (left compare right) goto label</summary>
    public void JumpIf(BpfRegister left, BpfCompare compare, int right, string label)
    {
        _jumps.Add((_code.Count, label));
        Add(0x05 | (int)compare, left, 0, 0, right);
    }

    /// <summary>if (left compare right) goto label</summary>
    public void JumpIf(BpfRegister left, BpfCompare compare, BpfRegister right, string label)
    {
        _jumps.Add((_code.Count, label));
        Add(0x0d | (int)compare, left, right, 0, 0);
    }

    /// <summary>goto label</summary>
    public void Jump(string label)
    {
        _jumps.Add((_code.Count, label));
        Add(0x05, 0, 0, 0, 0);
    }

    /// <summary>label:</summary>
    public void Label(string label) => _labels.Add(label, _code.Count);

    /// <summary>return value</summary>
    public void Return(int value)
    {
        Move(BpfRegister.R0, value);
        Add(0x95, 0, 0, 0, 0);
    }

    /// <summary>return value</summary>
    public void Return(BpfRegister value)
    {
        Move(BpfRegister.R0, value);
        Add(0x95, 0, 0, 0, 0);
    }

    /// <summary>
    /// Returns the instructions. Throws <see cref="InvalidOperationException"/> for a jump without a label.
    /// </summary>
    public ulong[] ToInstructions()
    {
        var code = _code.ToArray();
        foreach (var (at, label) in _jumps)
        {
            if (!_labels.TryGetValue(label, out var target))
                throw new InvalidOperationException($"the label {label} of instruction {at} is missing");
            code[at] |= (ulong)(ushort)(target - at - 1) << 16;
        }

        return code;
    }

    /// <summary>struct bpf_insn: code, registers, offset, and immediate value.</summary>
    void Add(int code, BpfRegister to, BpfRegister from, int offset, int value) =>
        _code.Add(
            (byte)code
                | ((ulong)to << 8)
                | ((ulong)from << 12)
                | ((ulong)(ushort)checked((short)offset) << 16)
                | ((ulong)(uint)value << 32)
        );
}
