namespace OpenClaw.Testing;

/// <summary>A program of the machine. Tests that need a missing program are skipped, with the reason.</summary>
static class InstalledProgram
{
    /// <summary>
    /// Finds the first of these programs that exists; distributions and upstream name some differently.
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

    /// <summary>Runs a program to its end; fails with all of its output when its exit code is not 0.</summary>
    /// <param name="path">The path of the program.</param>
    /// <param name="input">The standard input.</param>
    /// <param name="arguments">The arguments.</param>
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
