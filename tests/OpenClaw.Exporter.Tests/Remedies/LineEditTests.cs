using System.Text;
using OpenClaw.Exporter.Remedies;

namespace OpenClaw.Exporter.Tests;

/// <summary>The edit of a line does the same as its command, which sed runs.</summary>
public class LineEditTests
{
    [Theory]
    [InlineData("max_connections: 10 # max_connections: 10\n", 1)]
    [InlineData("a: 1\nmax_connections: 100\nmax_connections: 10", 2)]
    [InlineData("a: 1\nmax_connections: 100\nmax_connections: 10", 3)]
    [InlineData("max_connections: 100, max_connections: 10\r\n", 1)]
    [InlineData("max_connections: 10_000, max_connections: 10x\n", 1)]
    [InlineData("zażółć\nö max_connections: 10\n", 2)]
    [InlineData("max_connections: 10\n", 2)]
    [InlineData("", 1)]
    public async Task It_does_what_sed_does(string text, long line)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("it's a file.yml", text);
        var edit = new LineEdit(path, line, "max_connections: 10", "max_connections: 20");

        var edited = edit.Edit(Encoding.UTF8.GetBytes(text));

        using var sed = ChildProcess.Start(new("bash", ["-c", edit.Command]));
        await sed.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, sed.ExitCode);
        Assert.Equal(
            await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken),
            edited is null ? text : Encoding.UTF8.GetString(edited)
        );
    }
}
