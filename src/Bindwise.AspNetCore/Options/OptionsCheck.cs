using Microsoft.Extensions.Options;

namespace Bindwise.AspNetCore;

/// <summary>
/// Makes the options as ever, and lets a wrong one be told in short: the framework's own exception carries the framework's own stack, which hosts
/// log and the runtime prints again, around one sentence.
/// </summary>
internal sealed class OptionsCheck(IEnumerable<IConfigureOptions<BindwiseOptions>> setups, IEnumerable<IPostConfigureOptions<BindwiseOptions>> posts, IEnumerable<IValidateOptions<BindwiseOptions>> rules)
    : IOptionsFactory<BindwiseOptions>
{
    private readonly OptionsFactory<BindwiseOptions> _factory = new(setups, posts, rules);

    /// <inheritdoc/>
    public BindwiseOptions Create(string name)
    {
        try
        {
            return _factory.Create(name);
        }
        catch (OptionsValidationException exception)
        {
            throw new OptionsRefusedException(exception);
        }
    }

    private sealed class OptionsRefusedException(OptionsValidationException refused) : OptionsValidationException(refused.OptionsName, refused.OptionsType, refused.Failures)
    {
        /// <inheritdoc/>
        public override string ToString() => $"{typeof(OptionsValidationException).FullName}: {string.Join('\n', Failures)}";
    }
}
