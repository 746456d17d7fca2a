using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Refusals;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Cli;

/// <summary>Prints refused calls, one in each line, and their summary.</summary>
/// <param name="output">The output.</param>
/// <param name="proc">The procfs, which shows the cgroups of processes.</param>
/// <param name="isJson">True for an object in each line instead of text.</param>
sealed class RefusedCallPrinter(TextWriter output, ProcMount proc, bool isJson)
{
    const int ContainerIdLength = 12;

    /// <summary>The limit on rows of the summary, and on cgroups that are remembered.</summary>
    const int RowsAtMost = 1000;

    readonly Dictionary<string, Row> _rows = new(StringComparer.Ordinal);
    readonly Dictionary<string, ProcessOwner> _owners = new(StringComparer.Ordinal);

    /// <summary>The moment at which CLOCK_MONOTONIC was 0.</summary>
    readonly DateTimeOffset _boot = DateTimeOffset.UtcNow - Stopwatch.GetElapsedTime(0);

    /// <summary>False in a container, where the ids of calls are those of other processes, or of none.</summary>
    readonly bool _arePidsSame = PidNamespace.IsFirst(proc);
    long _calls;

    /// <summary>Prints a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="netns">The name of its network namespace.</param>
    public void Print(RefusedCall call, string netns)
    {
        var owner = OwnerOf(call);
        var time = (_boot + call.Uptime).UtcDateTime;
        Count(call);
        if (isJson)
        {
            PrintJson(writer =>
            {
                writer.WriteString("time", time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
                writer.WriteString("process", call.Process);
                writer.WriteNumber("pid", call.Pid);
                writer.WriteString("netns", netns);
                writer.WriteString("cgroup", owner.Cgroup);
                writer.WriteString("container", owner.Container);
                writer.WriteString("call", call.Call);
                writer.WriteString("target", call.Target);
                writer.WriteString("errno", call.ErrorName);
                writer.WriteString("error", ErrorOf(call));
            });
            return;
        }

        var place = owner.Container.Length > 0 ? $"container {owner.Container[..ContainerIdLength]}" : owner.Cgroup;
        place = place is "" or "/" ? "" : $", {place}";
        var pid = _arePidsSame ? $"pid {call.Pid}" : $"pid {call.Pid} on the host";
        var target = call.Target.Length > 0 ? $" to {call.Target}" : "";
        output.WriteLine(
            VisibleText.Escape(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{time:HH:mm:ss.fff} {call.Process} ({pid}) in {netns}{place}: "
                        + $"{call.Call}(){target}: {call.ErrorName} ({ErrorOf(call)})"
                )
            )
        );
    }

    /// <summary>Prints the number of calls by process, call and error, the most first.</summary>
    /// <param name="lost">The number of calls that came faster than they were taken.</param>
    public void PrintSummary(ulong lost)
    {
        var rows = new List<Row>(_rows.Values);
        rows.Sort(static (one, other) => other.Calls.CompareTo(one.Calls));
        if (isJson)
        {
            PrintJson(writer =>
            {
                writer.WriteStartArray("summary");
                foreach (var row in rows)
                {
                    writer.WriteStartObject();
                    writer.WriteString("process", row.First.Process);
                    writer.WriteString("call", row.First.Call);
                    writer.WriteString("errno", row.First.ErrorName);
                    writer.WriteNumber("calls", row.Calls);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteNumber("lost", lost);
            });
            return;
        }

        output.WriteLine(Counted.Format(_calls, "refused calls"));
        foreach (var row in rows)
        {
            output.WriteLine(
                VisibleText.Escape(
                    $"{row.Calls, 8} {row.First.Process}: {row.First.Call}(): {row.First.ErrorName} "
                        + $"({ErrorOf(row.First)})"
                )
            );
        }

        if (lost > 0)
            output.WriteLine($"{Counted.Format((long)lost, "more calls")} came faster than they could be taken");
    }

    static string ErrorOf(RefusedCall call) => Marshal.GetPInvokeErrorMessage(call.Error);

    void Count(RefusedCall call)
    {
        _calls++;
        var key = $"{call.Process}\n{call.Call}\n{call.Error}";
        if (_rows.TryGetValue(key, out var row))
            row.Calls++;
        else if (_rows.Count < RowsAtMost)
            _rows[key] = new(call);
    }

    /// <summary>Returns the owner of the cgroup. A process that has ended does not show it any more.</summary>
    ProcessOwner OwnerOf(RefusedCall call)
    {
        var key = call.CgroupId.ToString(CultureInfo.InvariantCulture);
        if (_owners.TryGetValue(key, out var known))
            return known;
        if (!_arePidsSame || !proc.Read($"{call.Pid}/cgroup", ProcessOwner.Parse).TryGet(out var owner))
            return ProcessOwner.None;
        if (_owners.Count < RowsAtMost)
            _owners[key] = owner;
        return owner;
    }

    void PrintJson(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    sealed class Row(RefusedCall first)
    {
        public RefusedCall First => first;

        public long Calls { get; set; } = 1;
    }
}
