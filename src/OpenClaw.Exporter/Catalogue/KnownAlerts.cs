using System.Collections.Immutable;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Probe;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The alerts that a symptom can have, to find one by its name.</summary>
static class KnownAlerts
{
    public static readonly ImmutableArray<Alert> All =
    [
        .. SymptomCatalogue.All.Select(static symptom => symptom.Alert).OfType<Alert>(),
        .. Enum.GetValues<KernelLogKind>().Select(Alert.OfKernelLog).OfType<Alert>(),
        .. Enum.GetValues<ProbeOperation>().Select(Alert.OfProbe),
        .. ClwCodes.All.Select(Alert.OfClwError).OfType<Alert>(),
        Alert.ExporterDescriptors,
        .. ConntrackAlerts.All,
    ];

    /// <summary>
    /// Returns the alert with this name and code, and with this advice where several differ in it; null when there is
    /// none.
    /// </summary>
    public static Alert? Find(string name, string code, string advice) =>
        All.Where(alert => alert.Name == name && alert.Code == code).MaxBy(alert => alert.Advice == advice);
}
