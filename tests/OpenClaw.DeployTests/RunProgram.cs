using System.Diagnostics;

namespace OpenClaw.DeployTests;

/// <summary>Runs programs of the machine to their end.</summary>
static class RunProgram
{
    /// <summary>Runs a program and returns its output; fails with its errors when its exit code is not 0.</summary>
    public static async Task<string> OutputAsync(string program, params IEnumerable<string> arguments)
    {
        var (exit, output, errors) = await RunAsync(program, arguments);
        Assert.True(exit == 0, $"{program} {string.Join(' ', arguments)}: exit {exit}\n{output}{errors}");
        return output;
    }

    /// <summary>Runs a program and returns its exit code and output.</summary>
    public static async Task<(int Exit, string Output, string Errors)> RunAsync(
        string program,
        params IEnumerable<string> arguments
    )
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, await output, await errors);
    }
}
