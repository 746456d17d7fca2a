using CsCheck;
using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>Offsets and numbers are found in BTF of every kind of type, and broken BTF is refused.</summary>
public class BtfTests
{
    const uint Struct = 4;
    const uint Union = 5;

    static readonly string[] Wanted = ["btf_trace_x", "sock.port", "sock.address", "sock.deep"];

    [Fact]
    public void Members_are_found_inside_structures_without_a_name()
    {
        var found = Find(Sample()).Value;

        Assert.Equal(
            (22, 4, 20, 46),
            (found["btf_trace_x"], found["sock.port"], found["sock.address"], found["sock.deep"])
        );
    }

    /// <summary>A function may have the name of a structure.</summary>
    [Fact]
    public void Structures_and_functions_are_told_apart()
    {
        var bytes = new BtfBytes()
            .Add(12, "call", 0, 2)
            .Add(13, "", 0, 0)
            .Struct(Struct, "call")
            .Add(12, "other", 0, 2);

        var found = Btf.Find(new MemoryStream(bytes.ToArray()), ["call", "struct call"], "struct other").Value;

        Assert.Equal((1, 3), (found["call"], found["struct call"]));
        Assert.DoesNotContain("struct other", found.Keys);
    }

    [Fact]
    public void A_name_that_the_kernel_does_not_have_is_told()
    {
        var missing = Btf.Find(new MemoryStream(Sample()), ["sock.port", "sock.colour"]).Missing!;

        Assert.Equal(Absence.NotPresent, missing.Reason);
        Assert.Equal("this kernel's BTF has no sock.colour", missing.Detail);
    }

    [Fact]
    public void Optional_names_may_be_missing()
    {
        var found = Btf.Find(new MemoryStream(Sample()), ["sock.port"], "sock.colour", "sock.deep").Value;

        Assert.Equal(["sock.deep", "sock.port"], found.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_kernel_without_BTF_has_none_and_the_path_is_told()
    {
        var missing = Btf.Find("/nowhere/btf/vmlinux", Wanted).Missing!;

        Assert.Equal(Absence.NotPresent, missing.Reason);
        Assert.Equal("/nowhere/btf/vmlinux: the kernel has no BTF (CONFIG_DEBUG_INFO_BTF)", missing.Detail);
    }

    [Fact]
    public void A_structure_that_contains_itself_ends_the_search()
    {
        var circle = new BtfBytes().Struct(Struct, "sock", ("", 2, 0)).Struct(Union, "", ("", 2, 0), ("", 1, 0));
        circle.Name("port");

        Assert.Equal(Absence.NotPresent, Btf.Find(new MemoryStream(circle.ToArray()), ["sock.port"]).Missing!.Reason);
    }

    /// <summary>A text or type may lie across the end of the buffer.</summary>
    [Theory]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(1 << 16)]
    public void Large_sections_are_read_in_parts(int before)
    {
        var large = new BtfBytes();
        for (var i = 0; i < before; i++)
            large.Add(1, $"int{i % 100}", 0, 4, 0);
        large.Struct(Struct, "sock", [.. Enumerable.Range(0, 3000).Select(static i => ($"m{i}", 1u, (uint)i))]);

        Assert.Equal(2999, Btf.Find(new MemoryStream(large.ToArray()), ["sock.m2999"]).Value["sock.m2999"]);
    }

    [Fact]
    public void Cut_or_changed_bytes_are_refused_or_read_and_never_throw()
    {
        var whole = Sample();
        for (var length = 0; length < whole.Length; length++)
            Assert.NotNull(Find(whole[..length]).Missing);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte)
            .Array[1, 8]
            .Sample(
                changes =>
                {
                    var bytes = Sample();
                    foreach (var (at, value) in changes)
                        bytes[at] = value;
                    _ = Find(bytes);
                },
                iter: 20_000
            );
    }

    static Reading<Dictionary<string, int>> Find(byte[] bytes) => Btf.Find(new MemoryStream(bytes), Wanted);

    /// <summary>
    /// Every kind of type. Some members of sock are in structures without a name, before and after it.
    /// </summary>
    static byte[] Sample() =>
        new BtfBytes()
            .Add(1, "int", 0, 4, 0)
            .Add(2, "", 0, 1)
            .Add(3, "", 0, 0, 1, 1, 4)
            .Struct(Union, "", ("other", 1, 0), ("address", 1, 4))
            .Add(6, "state", 2, 4, 0, 1, 0, 2)
            .Add(7, "gone", 0, 0)
            .Add(8, "u32", 0, 1)
            .Add(9, "", 0, 1)
            .Add(10, "", 0, 1)
            .Add(11, "", 0, 1)
            .Add(12, "call", 0, 13)
            .Struct(Struct, "socket", ("port", 1, 100))
            .Add(13, "", 1, 1, 0, 1)
            .Add(14, "variable", 0, 1, 1)
            .Add(15, "section", 1, 8, 14, 0, 8)
            .Add(16, "float", 0, 4)
            .Add(17, "tag", 0, 1, 0)
            .Add(18, "tag", 0, 1)
            .Add(19, "large", 1, 8, 0, 1, 2)
            .Struct(Struct, "sock", ("family", 1, 0), ("port", 1, 4), ("", 4, 16), ("", 21, 40))
            .Struct(Union, "", ("", 23, 2))
            .Add(8, "btf_trace_x", 0, 2)
            .Struct(Struct, "", ("deep", 1, 4))
            .ToArray();
}
