using System.Diagnostics;

namespace OpenClaw.DeployTests;

/// <summary>Programs of the machine, run to their end.</summary>
static class RunProgram
{
    /// <summary>What a program prints; fails with its errors when it fails.</summary>
    public static async Task<string> OutputAsync(string program, params IEnumerable<string> arguments)
    {
        var (exit, output, errors) = await RunAsync(program, arguments);
        Assert.True(exit == 0, $"{program} {string.Join(' ', arguments)}: exit {exit}\n{output}{errors}");
        return output;
    }

    /// <summary>Its exit code and what it prints.</summary>
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
