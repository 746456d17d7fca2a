using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using OpenClaw.Exporter.Fixes;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.Text;
using OpenClaw.Kernel.Writes;

namespace OpenClaw.Exporter.Tests;

/// <summary>A machine of files, with one real process, on which fixes are applied and undone.</summary>
sealed class FixedMachine : IDisposable
{
    public const string PortRange = "net.ipv4.ip_local_port_range",
        Reserved = "net.ipv4.ip_local_reserved_ports";

    readonly TemporaryFolder _folder = new();
    readonly Process _process;
    readonly OpenFileLimits _limits;

    /// <summary>Writes the files of the machine.</summary>
    /// <param name="process">The process whose limits a fix changes.</param>
    public FixedMachine(Process process)
    {
        _process = process;
        _limits = OpenFileLimits.Read(process.Id).Value;
        Write("proc/sys/kernel/random/boot_id", "first\n");
        Write("proc/sys/net/ipv4/ip_local_port_range", "40000\t40039\n");

        // A write does not cut a file, other than a sysctl. So each value is as long as the one before it.
        Write("proc/sys/net/ipv4/ip_local_reserved_ports", "1111,2222\n");
        Write("proc/thread-self/ns/net", "");
        Write($"proc/{_process.Id}/stat", File.ReadAllText($"/proc/{_process.Id}/stat"));
        Write(
            "etc/sysctl.d/90-openclaw.conf",
            $"# by hand\nvm.swappiness = 1\n{Reserved} = 8080\n\n{Reserved.Replace('.', '/')}=9090\n# end"
        );
        Write("etc/openclaw/gateway.yml", "network:\n  max_connections: 10  # 10\n");
        Directory.CreateDirectory(_folder.PathOf("etc/systemd/system"));
        Before = State();
    }

    /// <summary>The files outside the folder of fixes, and the limits of the process, before any fix.</summary>
    public SortedDictionary<string, string> Before { get; }

    public string Root => _folder.PathOf("");

    public ProcMount Proc => new(_folder.PathOf("proc"));

    /// <summary>The folder with the records of fixes.</summary>
    public string Records => _folder.PathOf(FixRecords.FolderName);

    /// <summary>The remedy: two sysctls, a limit with a drop-in of its unit, and a line of a file.</summary>
    public Remedy Remedy =>
        new(
            "Do.",
            new SysctlChange(Reserved, "8080,9090") { Old = "1111,2222" },
            new SysctlChange(PortRange, "32768 60999") { Old = "40000 40039" },
            new ProcessLimitChange(_process.Id, 512, null, "LimitNOFILE=512", "its unit") { Unit = "gateway.service" },
            new LineEdit(_folder.PathOf("etc/openclaw/gateway.yml"), 2, "max_connections: 10", "max_connections: 20")
        );

    public void Write(string file, string text) => _folder.Write(file, text);

    public string Read(string file) => File.ReadAllText(_folder.PathOf(file));

    /// <summary>The fixes of this machine, with these system calls.</summary>
    public FixRun Fixes(SystemWrites writes) => new(Proc, new(Root, writes), new(Proc, writes), TimeProvider.System);

    public FixPlan Plan() => FixPlan.Create("A problem", Remedy, Proc, Root, new(Proc, new()));

    public FixOutcome Apply(SystemWrites writes, bool isTrial = false)
    {
        var outcome = Fixes(writes).Apply(Plan(), isTrial, isPermanent: true, out var trial);
        trial?.Dispose();
        return outcome;
    }

    /// <summary>
    /// Undoes the fixes that were interrupted. A process that another test starts has their locks until its exec().
    /// </summary>
    public ImmutableArray<FixOutcome> UndoInterrupted()
    {
        var outcomes = ImmutableArray.CreateBuilder<FixOutcome>();
        var isDone = SpinWait.SpinUntil(
            () =>
            {
                outcomes.AddRange(Fixes(new()).UndoInterrupted());
                return new FixRecords(Root, new()).Read().Value.All(static fix => fix.State == FixState.Applied);
            },
            TimeSpan.FromSeconds(10)
        );
        Assert.True(isDone, "an interrupted fix is left");
        return outcomes.ToImmutable();
    }

    /// <summary>Reads every file outside the folder of fixes, with its mode, and the limits of the process.</summary>
    public SortedDictionary<string, string> State()
    {
        var state = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["limits"] = $"{OpenFileLimits.Read(_process.Id).Value}",
        };
        foreach (var path in Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(Root, path);
            if (name.StartsWith("var", StringComparison.Ordinal))
                continue;
            var text = Directory.Exists(path) ? "" : File.ReadAllText(path);
            state[name] = name.StartsWith("proc/sys", StringComparison.Ordinal)
                ? string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                : string.Create(CultureInfo.InvariantCulture, $"{File.GetUnixFileMode(path)} {text}");
        }

        return state;
    }

    public void Dispose()
    {
        _ = new SystemWrites().SetOpenFiles(_process.Id, _limits);
        _folder.Dispose();
    }
}
