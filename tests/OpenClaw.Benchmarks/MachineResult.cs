using System.Text;

namespace OpenClaw.Benchmarks;

/// <summary>Measurements of all exporters on one kind of machine.</summary>
/// <param name="name">The name of that kind.</param>
sealed class MachineResult(string name)
{
    public string Name => name;

    public Measures Ours { get; } = new();

    public Measures NodeExporter { get; } = new();

    public Measures ProcessExporter { get; } = new();

    /// <summary>The CPU time of <c>ss -tan</c>.</summary>
    public TimeSpan Listing { get; set; }

    /// <summary>Our part of the CPU time that node_exporter and process-exporter take together.</summary>
    public double RatioOfBoth => Ours.Cpu / (NodeExporter.Cpu + ProcessExporter.Cpu);

    /// <summary>Returns all measurements as text.</summary>
    public string Table()
    {
        var text = new StringBuilder();
        text.AppendLine($"{name, -22}       ours  node_exporter  process-exporter");
        foreach (
            var ((row, our), (_, node), (_, process)) in Ours.Rows().Zip(NodeExporter.Rows(), ProcessExporter.Rows())
        )
        {
            text.AppendLine($"  {row, -20}  {our, 9:F2}  {node, 13:F2}  {process, 16:F2}");
        }

        text.AppendLine($"  CPU of ss -tan, ms    {Listing.TotalMilliseconds, 9:F2}");
        text.AppendLine($"  CPU, ours of node_exporter and process-exporter: {RatioOfBoth:F2}");
        return text.ToString();
    }
}
