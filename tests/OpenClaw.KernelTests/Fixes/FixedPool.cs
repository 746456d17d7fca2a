using System.Diagnostics;
using System.Globalization;
using OpenClaw.Exporter.Fixes;

namespace OpenClaw.KernelTests;

/// <summary>A full pool on which the published binary's fixes are applied and undone.</summary>
/// <param name="netns">The namespace in which the binary runs.</param>
/// <param name="pool">The name of the pool.</param>
/// <param name="state">Reads everything that the fix may change.</param>
sealed class FixedPool(PrivateNamespace netns, string pool, Func<string> state) : IDisposable
{
    readonly TemporaryFolder _root = new();

    /// <summary>The command prefix of the binary, such as nsenter with its arguments.</summary>
    public IReadOnlyList<string> Before { get; init; } = [];

    /// <summary>The flags of the binary.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>The folder that stands for the machine's file system.</summary>
    public TemporaryFolder Root => _root;

    /// <summary>The arguments of the binary for a fix of the pool.</summary>
    public IEnumerable<string> Arguments(params IEnumerable<string> arguments) =>
        PublishedDiagnosis.OfThisNamespace([
            .. arguments,
            $"--path.rootfs={_root.PathOf("")}",
            "--no-probe",
            "--no-collector.kernel_log",
            .. Flags,
        ]);

    /// <summary>Prints, applies, undoes and tries a fix, and kills a trial.</summary>
    /// <param name="isCured">Tries what failed before.</param>
    public async Task CureAsync(Func<Task<bool>> isCured)
    {
        Directory.CreateDirectory(_root.PathOf("etc/sysctl.d"));
        var before = State();

        Assert.Contains("Nothing is changed. --apply", await SucceedsAsync("fix", pool, "--observe=0s"), InCase);
        Assert.Equal(before, State());

        var applied = await SucceedsAsync("fix", pool, "--apply", "--observe=0s");
        Assert.Contains("\nafter ", applied, InCase);
        Assert.Contains("\nfix 1  ", applied, InCase);
        Assert.NotEqual(before, State());
        Assert.True(await isCured(), applied);

        await SucceedsAsync("fix", "--undo");
        Assert.Equal(before, State());

        Assert.Contains(
            "undone at the end of the trial",
            await SucceedsAsync("fix", pool, "--apply", "--for=100ms", "--observe=0s"),
            InCase
        );
        Assert.Equal(before, State());

        await KillTrialAsync();
        Assert.NotEqual(before, State());
        Assert.Contains("because its process had ended", await SucceedsAsync("fix", "--undo"), InCase);
        Assert.Equal(before, State());
        Assert.Empty(Directory.GetFiles(_root.PathOf(FixRecords.FolderName), "*.json*"));
    }

    /// <summary>Starts a trial of ten minutes, and kills its process once the fix is applied.</summary>
    public async Task KillTrialAsync()
    {
        var trial = Start(Arguments("fix", pool, "--apply", "--for=10m", "--observe=0s"));
        while (await trial.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("trial ", InCase))
                break;
        }

        // nsenter waits for the binary as its child.
        var id = trial.Id.ToString(CultureInfo.InvariantCulture);
        foreach (var child in (await File.ReadAllTextAsync($"/proc/{id}/task/{id}/children")).Split(' '))
        {
            if (!int.TryParse(child, CultureInfo.InvariantCulture, out var pid))
                continue;
            Process.GetProcessById(pid).Kill();

            // Its last thread has the lock until then. Nobody may wait for it, so a zombie has ended, too.
            Assert.True(SpinWait.SpinUntil(() => HasEnded(pid), TimeSpan.FromSeconds(10)));
        }

        trial.Kill();
        await trial.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    static bool HasEnded(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1].StartsWith('Z')
                && Directory.GetDirectories($"/proc/{pid}/task").Length == 1;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Runs the binary; returns its output. It must succeed.</summary>
    public async Task<string> SucceedsAsync(params IEnumerable<string> arguments)
    {
        var (code, output, errors) = await RunAsync(arguments);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {output}{errors}");
        return output;
    }

    /// <summary>Runs the binary; returns its exit code, output and errors.</summary>
    public async Task<(int Code, string Output, string Errors)> RunAsync(params IEnumerable<string> arguments)
    {
        var process = Start(Arguments(arguments));
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await errors);
    }

    public void Dispose() => _root.Dispose();

    const StringComparison InCase = StringComparison.Ordinal;

    Process Start(IEnumerable<string> arguments)
    {
        string[] command = [.. Before, Repository.PublishedExporter, .. arguments];
        return netns.Start(
            new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true }
        );
    }

    /// <summary>Reads the state of the pool, and each file below the root that is not a record of fixes.</summary>
    string State() =>
        string.Join(
            '\n',
            Directory
                .EnumerateFiles(_root.PathOf(""), "*", SearchOption.AllDirectories)
                .Where(static file => !file.Contains("/var/lib/", InCase))
                .Order(StringComparer.Ordinal)
                .Select(static file => $"{file} {File.GetUnixFileMode(file)} {File.ReadAllText(file)}")
                .Prepend(state())
        );
}
