using System.Diagnostics;

namespace OpenClaw.Benchmarks;

/// <summary>Child processes that do nothing, as most processes of a machine.</summary>
sealed class IdleProcesses : IDisposable
{
    readonly List<Process> _children = [];

    /// <summary>Starts or ends processes until their number is the wanted one.</summary>
    public void HoldTotal(int count)
    {
        while (_children.Count < count)
            _children.Add(Process.Start("sleep", "infinity"));
        while (_children.Count > count)
        {
            End(_children[^1]);
            _children.RemoveAt(_children.Count - 1);
        }
    }

    public void Dispose() => HoldTotal(0);

    static void End(Process child)
    {
        child.Kill();
        child.WaitForExit();
        child.Dispose();
    }
}
