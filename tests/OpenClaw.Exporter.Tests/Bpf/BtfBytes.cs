using System.Buffers.Binary;
using System.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>Writes BTF by hand, as Documentation/bpf/btf.rst describes it.</summary>
sealed class BtfBytes
{
    readonly List<uint> _types = [];
    readonly List<byte> _texts = [0];
    readonly Dictionary<string, uint> _names = new(StringComparer.Ordinal);

    /// <summary>Adds a type. Returns nothing: the first one has the number 1.</summary>
    /// <param name="kind">The kind, BTF_KIND_*.</param>
    /// <param name="name">The name; empty for none.</param>
    /// <param name="count">The number of entries behind the type.</param>
    /// <param name="size">The size, or the number of another type.</param>
    /// <param name="rest">The words behind it.</param>
    public BtfBytes Add(uint kind, string name, uint count, uint size, params uint[] rest)
    {
        _types.AddRange([Name(name), (kind << 24) | count, size, .. rest]);
        return this;
    }

    /// <summary>Adds a structure or union.</summary>
    public BtfBytes Struct(uint kind, string name, params (string Name, uint Type, uint Bytes)[] members) =>
        Add(
            kind,
            name,
            (uint)members.Length,
            0,
            [.. members.SelectMany(member => new[] { Name(member.Name), member.Type, member.Bytes * 8 })]
        );

    /// <summary>Returns the offset of a text. Each is there once.</summary>
    public uint Name(string text)
    {
        if (text.Length == 0)
            return 0;
        if (_names.TryGetValue(text, out var known))
            return known;
        var at = (uint)_texts.Count;
        _texts.AddRange([.. Encoding.ASCII.GetBytes(text), 0]);
        return _names[text] = at;
    }

    public byte[] ToArray()
    {
        uint[] words =
        [
            0x0001_eb9f,
            24,
            0,
            (uint)_types.Count * 4,
            (uint)_types.Count * 4,
            (uint)_texts.Count,
            .. _types,
        ];
        var bytes = new byte[words.Length * 4];
        foreach (var (i, word) in words.Index())
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), word);
        return [.. bytes, .. _texts];
    }
}
