using System.Text;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

public class BoundedNameTests
{
    [Theory]
    [InlineData("x", 128)]
    [InlineData("\u00e4", 64)]
    [InlineData("\u20ac", 42)]
    [InlineData("\U0001f980", 32)]
    public void A_name_is_cut_at_a_character_and_stays_different_from_others(string character, int most)
    {
        var longest = string.Concat(Enumerable.Repeat(character, most));
        var cut = BoundedName.Shorten(longest + character + "1");

        Assert.Equal(longest, BoundedName.Shorten(longest));
        Assert.StartsWith(longest + "\u2026", cut, StringComparison.Ordinal);
        Assert.Equal(Encoding.UTF8.GetByteCount(longest) + 3 + 8, Encoding.UTF8.GetByteCount(cut));
        Assert.NotEqual(cut, BoundedName.Shorten(longest + character + "2"));
    }

    [Fact]
    public void The_hash_is_FNV_1a() =>
        Assert.EndsWith("\u20264e48052d", BoundedName.Shorten(new('a', 200)), StringComparison.Ordinal);

    [Fact]
    public void A_process_with_a_long_title_has_a_short_name()
    {
        var name = ProcessName.Combine("openclaw-gatewa\n", "openclaw-gateway-" + new string('x', 4000));

        Assert.InRange(Encoding.UTF8.GetByteCount(name.Name), 1, Bounds.NameBytes + 11);
        Assert.StartsWith("openclaw-gateway-xxx", name.Name, StringComparison.Ordinal);
    }
}
