// A browser may block storage; Gradio reads it all the same. Then what is kept lasts as long as the page.
(() => {
  try {
    window.localStorage.getItem('');
  } catch {
    const held = new Map();
    const value = {
      getItem: (key) => held.get(String(key)) ?? null,
      setItem: (key, text) => { held.set(String(key), String(text)); },
      removeItem: (key) => { held.delete(String(key)); },
    };
    Object.defineProperty(window, 'localStorage', { configurable: true, value });
  }
})();
