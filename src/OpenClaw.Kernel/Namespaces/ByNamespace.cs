using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>
/// The values of all network namespaces, where one reader reads them at once instead of one in each namespace. A
/// <see cref="NamespaceView"/> returns its own.
/// </summary>
/// <param name="Values">The values that were read.</param>
sealed record ByNamespace<T>(IReadOnlyDictionary<FileIdentity, Reading<T>> Values)
{
    /// <summary>Returns the value of a namespace; gone where the reader did not meet the namespace.</summary>
    /// <param name="netns">The namespace; null where namespaces could not be listed.</param>
    public Reading<T> Find(NetworkNamespace? netns)
    {
        if (netns is null)
            return Missing.NotAsked<T>();
        return Values.TryGetValue(netns.Identity, out var value)
            ? value
            : new Missing(Absence.Gone, $"{netns.Name}: {typeof(T).Name} was not read in it");
    }
}
