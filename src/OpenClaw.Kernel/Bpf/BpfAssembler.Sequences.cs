using static OpenClaw.Kernel.Bpf.BpfRegister;
using static OpenClaw.Kernel.Bpf.BpfWidth;
using static OpenClaw.Kernel.Interop.LinuxBpf;

namespace OpenClaw.Kernel.Bpf;

/// <summary>The part with statements that take several instructions. Each destroys R1 to R5 where it calls.</summary>
sealed partial class BpfAssembler
{
    /// <summary>to = the address of a place on the stack</summary>
    /// <param name="to">The register.</param>
    /// <param name="place">The place, a negative number.</param>
    public void LoadStack(BpfRegister to, int place)
    {
        Move(to, R10);
        Add(to, place);
    }

    /// <summary>R0 = bpf_map_lookup_elem(map, stack + key)</summary>
    public void Find(BpfMap map, int key)
    {
        LoadMap(R1, map);
        LoadStack(R2, key);
        Call(BPF_FUNC_map_lookup_elem);
    }

    /// <summary>R0 = bpf_map_update_elem(map, stack + key, R3, BPF_NOEXIST)</summary>
    public void Insert(BpfMap map, int key)
    {
        LoadMap(R1, map);
        LoadStack(R2, key);
        Move(R4, BPF_NOEXIST);
        Call(BPF_FUNC_map_update_elem);
    }

    /// <summary>
    /// R0 = the value of a key in a map, which a new key gets from the address in another register. if (!R0) goto full;
    /// </summary>
    /// <param name="map">The map, a hash.</param>
    /// <param name="key">The place of the key on the stack.</param>
    /// <param name="first">The register with the address of a first value. It is not R0 to R5.</param>
    /// <param name="offset">The offset of the first value from there.</param>
    /// <param name="full">The label for a map that is full.</param>
    public void FindOrInsert(BpfMap map, int key, BpfRegister first, int offset, string full)
    {
        var found = $"found_{_ownLabels++}";
        Find(map, key);
        JumpIf(R0, BpfCompare.NotEqual, 0, found);
        Move(R3, first);
        Add(R3, offset);
        Insert(map, key);
        Find(map, key);
        JumpIf(R0, BpfCompare.Equal, 0, full);
        Label(found);
    }

    /// <summary>R1 = &amp;set[index / 64]; R2 = 1 &lt;&lt; index % 64; It destroys R0 and has no range check.</summary>
    public void FindBit(BpfRegister set, BpfRegister index)
    {
        Move(R1, index);
        ShiftRight(R1, 6);
        ShiftLeft(R1, 3);
        Add(R1, set);
        Move(R0, index);
        And(R0, 63);
        Move(R2, 1);
        ShiftLeft(R2, R0);
    }

    /// <summary>*(u64 *)(R1 + offset) |= R2; as <see cref="FindBit"/> leaves them. It destroys R3.</summary>
    public void SetBit(int offset)
    {
        Load(U64, R3, R1, offset);
        Or(R3, R2);
        Store(U64, R1, offset, R3);
    }

    /// <summary>if (!(*(u64 *)(R1 + offset) &amp; R2)) goto label; It destroys R3.</summary>
    public void JumpIfClear(int offset, string label) => JumpIfBit(offset, BpfCompare.Equal, label);

    /// <summary>if (*(u64 *)(R1 + offset) &amp; R2) goto label; It destroys R3.</summary>
    public void JumpIfSet(int offset, string label) => JumpIfBit(offset, BpfCompare.NotEqual, label);

    /// <summary>(*(u64 *)(to + offset))++; Only one CPU does that at a time. It destroys R1.</summary>
    public void Increase(BpfRegister to, int offset)
    {
        Load(U64, R1, to, offset);
        Add(R1, 1);
        Store(U64, to, offset, R1);
    }

    /// <summary>*(u64 *)(to + offset) += by; Only one CPU does that at a time. It destroys R2.</summary>
    public void Increase(BpfRegister to, int offset, BpfRegister by)
    {
        Load(U64, R2, to, offset);
        Add(R2, by);
        Store(U64, to, offset, R2);
    }

    void JumpIfBit(int offset, BpfCompare compare, string label)
    {
        Load(U64, R3, R1, offset);
        And(R3, R2);
        JumpIf(R3, compare, 0, label);
    }
}
