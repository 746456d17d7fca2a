using System.Diagnostics;
using System.Text.RegularExpressions;

namespace OpenClaw.KernelTests;

/// <summary>Colours appear on a terminal and nowhere else; script(1) gives the program a real terminal.</summary>
public partial class TerminalTests
{
    [Theory]
    [InlineData("diagnose --observe=0s", "", true)]
    [InlineData("status", "", true)]
    [InlineData("diagnose --observe=0s", "1", false)]
    [InlineData("status", "1", false)]
    public async Task On_a_terminal_unless_NO_COLOR_is_set(string command, string noColour, bool coloured) =>
        Assert.Equal(
            coloured,
            Colour()
                .IsMatch(
                    await OutputAsync(
                        "script",
                        ["-qec", $"{Repository.PublishedExporter} {command}", "/dev/null"],
                        noColour
                    )
                )
        );

    [Fact]
    public async Task Never_into_a_pipe() =>
        Assert.DoesNotContain('\e', await OutputAsync(Repository.PublishedExporter, ["diagnose", "--observe=0s"], ""));

    static async Task<string> OutputAsync(string program, string[] arguments, string noColour)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        start.Environment["NO_COLOR"] = noColour;
        start.Environment["TERM"] = "xterm";
        using var process = ChildProcess.Start(start);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.True(output.Length > 100, output);
        return output;
    }

    /// <summary>Matches Select Graphic Rendition. The runtime itself sends other sequences to a terminal.</summary>
    [GeneratedRegex("\e\\[[0-9;]*m")]
    private static partial Regex Colour();
}
