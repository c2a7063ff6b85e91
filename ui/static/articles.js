// The article page in the colours chosen in the chat, at once and in every open tab; else the system's.
(() => {
  const KEY = 'groundwire-theme';
  const follow = () => {
    const chosen = localStorage.getItem(KEY);
    for (const theme of ['dark', 'light']) document.documentElement.classList.toggle(theme, chosen === theme);
  };
  addEventListener('storage', (event) => [KEY, null].includes(event.key) && follow());
  follow();
})();
