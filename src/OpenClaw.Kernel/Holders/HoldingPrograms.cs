using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Holders;

/// <summary>Reads the programs of processes that hold sockets of several groups, each once.</summary>
/// <param name="proc">The procfs.</param>
sealed class HoldingPrograms(ProcMount proc)
{
    readonly Dictionary<int, (string Name, string Cgroup)> _programs = [];
    readonly Dictionary<int, HoldingProcess> _named = [];

    /// <summary>The text of the last cgroup file, and its path. Many processes have the same.</summary>
    (byte[] Text, string Path) _cgroup = ([], "");

    /// <summary>Returns the program and the cgroup of a process.</summary>
    public (string Name, string Cgroup) ProgramOf(int pid)
    {
        if (!_programs.TryGetValue(pid, out var program))
        {
            _programs[pid] = program = (
                ProcessName.Read(proc, pid).TryGet(out var name) ? name.NameWithScript : "",
                proc.Read($"{pid}/cgroup", ParseCgroup).TryGet(out var path) ? path : ""
            );
        }

        return program;
    }

    /// <summary>Returns a process that is named.</summary>
    public HoldingProcess Named(int pid) =>
        _named.TryGetValue(pid, out var process) ? process : _named[pid] = HoldingProcess.Read(proc, pid);

    Reading<string> ParseCgroup(ReadOnlySpan<byte> text)
    {
        if (!text.SequenceEqual(_cgroup.Text))
        {
            var parsed = ProcessOwner.Parse(text);
            if (!parsed.TryGet(out var owner))
                return parsed.Missing!;
            _cgroup = (text.ToArray(), owner.Cgroup);
        }

        return _cgroup.Path;
    }
}
