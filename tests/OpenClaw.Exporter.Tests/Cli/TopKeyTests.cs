using System.Text;
using OpenClaw.Exporter.Cli.Top;

namespace OpenClaw.Exporter.Tests;

/// <summary>The bytes of keys, and the characters of bars.</summary>
public class TopKeyTests
{
    [Theory]
    [InlineData("\e[A", "Up")]
    [InlineData("\eOB", "Down")]
    [InlineData("\e[5~\e[6~", "PageUp PageDown")]
    [InlineData("\e[Z\t", "Left Right")]
    [InlineData("\e", "Escape")]
    [InlineData("\e[1;5C", "")]
    [InlineData("\e[200~q", "Letter")]
    [InlineData("\r\x7f", "Enter Backspace")]
    [InlineData("\x01\x00", "")]
    [InlineData("ü", "Letter")]
    public void Bytes_are_keys(string bytes, string keys) =>
        Assert.Equal(keys, string.Join(' ', Key.Parse(Encoding.UTF8.GetBytes(bytes)).Select(static key => key.Kind)));

    [Theory]
    [InlineData("C.UTF-8", null, true)]
    [InlineData(null, "en_US.utf8", true)]
    [InlineData("C", "en_US.UTF-8", false)]
    [InlineData(null, null, false)]
    public void Bars_have_the_characters_of_the_locale(string? all, string? lang, bool isUnicode) =>
        Assert.Equal(
            isUnicode ? Glyphs.Unicode : Glyphs.Ascii,
            Glyphs.ForLocale(name =>
                name switch
                {
                    "LC_ALL" => all,
                    "LANG" => lang,
                    _ => null,
                }
            )
        );

    [Theory]
    [InlineData(0, "----")]
    [InlineData(0.001, "#---")]
    [InlineData(0.5, "##--")]
    [InlineData(0.999, "###-")]
    [InlineData(1, "####")]
    [InlineData(3, "####")]
    public void A_bar_is_full_only_where_nothing_is_left(double ratio, string bar) =>
        Assert.Equal(bar, Glyphs.Ascii.Bar(ratio, 4));

    [Fact]
    public void A_sparkline_has_the_newest_value_on_the_right() =>
        Assert.Equal("  _*#", Glyphs.Ascii.Spark([0, 0.8, 1], 5).Replace('+', '*'));

    [Theory]
    [InlineData("gateway", 7, "gateway")]
    [InlineData("gateway", 5, "gate~")]
    [InlineData("漢字漢字", 5, "漢字~")]
    [InlineData("e\u0301e\u0301", 2, "e\u0301e\u0301")]
    [InlineData("gateway", 0, "")]
    public void Text_is_cut_at_the_columns_of_a_terminal(string text, int room, string cut) =>
        Assert.Equal(cut, Columns.Cut(text, room, '~'));
}
