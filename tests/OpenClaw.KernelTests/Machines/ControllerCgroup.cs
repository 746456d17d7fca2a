using System.Globalization;

namespace OpenClaw.KernelTests;

/// <summary>
/// A cgroup of one test with a resource controller: in the controller's own hierarchy, or in the only one. Deleted with
/// the test.
/// </summary>
sealed class ControllerCgroup : IDisposable
{
    const string Root = "/sys/fs/cgroup";

    static int _last;

    readonly bool _isFirst;
    readonly string _folder;

    /// <summary>Creates the cgroup.</summary>
    /// <param name="controller">The controller: cpu, memory or pids.</param>
    public ControllerCgroup(string controller)
    {
        _isFirst = Directory.Exists($"{Root}/{controller}");
        var number = Interlocked.Increment(ref _last);
        _folder = string.Create(
            CultureInfo.InvariantCulture,
            $"{Root}/{(_isFirst ? controller + "/" : "")}openclaw-test-{Environment.ProcessId}-{number}"
        );
        try
        {
            Directory.CreateDirectory(_folder);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            Assert.Skip($"needs a {controller} cgroup of its own: {error.Message}");
        }

        if (_isFirst || File.Exists($"{_folder}/{controller}.max"))
            return;
        Directory.Delete(_folder);
        Assert.Skip($"needs the controller {controller} at {Root}");
    }

    /// <summary>The command prefix for a program that runs in the cgroup.</summary>
    public IReadOnlyList<string> Prefix => ["sh", "-c", "echo $$ > \"$0/cgroup.procs\"; exec \"$@\"", _folder];

    /// <summary>Reads a file, by its name in the first and the second version of cgroups.</summary>
    public string Read(string first, string? second = null) =>
        File.ReadAllText($"{_folder}/{(_isFirst ? first : second ?? first)}").Trim();

    /// <summary>Writes a file whose name and form are the same in both versions.</summary>
    public void Write(string file, string value) => File.WriteAllText($"{_folder}/{file}", value);

    /// <summary>Writes a file, by its name and form in the first and the second version.</summary>
    public void Write((string File, string Value) first, (string File, string Value) second)
    {
        var (file, value) = _isFirst ? first : second;
        Write(file, value);
    }

    public void Dispose()
    {
        // The cgroup is empty once the kernel has reaped its processes.
        for (var attempt = 0; attempt < 50 && Directory.Exists(_folder); attempt++)
        {
            try
            {
                Directory.Delete(_folder);
            }
            catch (IOException)
            {
                Thread.Sleep(20);
            }
        }
    }
}
