using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>A network namespace of a snapshot, together with the machine.</summary>
public sealed class NamespaceView
{
    readonly Readings _machine;
    readonly Readings _readings;

    internal NamespaceView(string name, NetworkNamespace? netns, Readings machine, Readings readings) =>
        (Name, Namespace, _machine, _readings) = (name, netns, machine, readings);

    /// <summary>The name of the namespace, the value of the label <c>netns</c>.</summary>
    public string Name { get; }

    /// <summary>
    /// The owner and processes of the namespace; null where namespaces could not be listed and only the exporter's own
    /// is known.
    /// </summary>
    public NetworkNamespace? Namespace { get; }

    /// <summary>True for the namespace that the exporter runs in.</summary>
    public bool IsOwn => Namespace is not { IsOwn: false };

    /// <summary>
    /// The reason why the namespace was not entered, so that only values visible from outside were read; null when it
    /// was entered.
    /// </summary>
    public Missing? NotEntered { get; init; }

    /// <summary>
    /// Returns the namespace's own value of this type, whether it was read inside or for all namespaces at once; else
    /// the machine's, where the machine has only one.
    /// </summary>
    public Reading<T> Get<T>()
    {
        if (_readings.Has<T>())
            return _readings.Get<T>();
        if (_machine.Has<ByNamespace<T>>())
            return _machine.Get<ByNamespace<T>>().Then(all => all.Find(Namespace));
        return _machine.Has<T>() ? _machine.Get<T>() : NotEntered ?? Missing.NotAsked<T>();
    }

    /// <summary>Returns the part of that value that could not be read; null when nothing is missing.</summary>
    public Missing? FailureOf<T>() => _readings.Has<T>() ? _readings.FailureOf<T>() : _machine.FailureOf<T>();
}
