namespace OpenClaw.KernelTests;

/// <summary>Undoes something at the end of a block.</summary>
/// <param name="undo">The action.</param>
sealed class Reversal(Action undo) : IDisposable
{
    public void Dispose() => undo();
}
