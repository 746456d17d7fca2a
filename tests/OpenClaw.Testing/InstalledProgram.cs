namespace OpenClaw.Testing;

/// <summary>
/// A program that the machine has, or has not: then the test that needs it is skipped, with the reason.
/// </summary>
static class InstalledProgram
{
    /// <summary>
    /// Where the first of these programs is that exists; distributions and upstream name some differently.
    /// </summary>
    public static string Find(params string[] names)
    {
        var folders = ((Environment.GetEnvironmentVariable("PATH") ?? "") + ":/usr/sbin:/sbin").Split(
            ':',
            StringSplitOptions.RemoveEmptyEntries
        );
        var path = names
            .SelectMany(name => folders.Select(folder => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
        if (path is null)
            Assert.Skip($"needs {string.Join(" or ", names)} in PATH");
        return path;
    }

    /// <summary>Runs a program to its end; fails with all that it printed when it fails.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task SucceedsAsync(string path, string input, params string[] arguments)
    {
        using var process = ChildProcess.Start(
            new(path, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        );
        var cancellation = TestContext.Current.CancellationToken;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        await process.StandardInput.WriteAsync(input.AsMemory(), cancellation);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellation);
        Assert.True(
            process.ExitCode == 0,
            $"{path} {string.Join(' ', arguments)}: exit {process.ExitCode}\n{await output}{await errors}"
        );
    }
}
