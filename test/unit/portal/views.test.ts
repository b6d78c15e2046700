import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../views', import.meta.url).pathname;
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ejs'));

describe('views', () => {
  it.each(files)('%s writes raw only what it includes, and carries no script or style', (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [raw] of text.matchAll(/<%-[^%]*%>/g)) expect(raw).toMatch(/^<%- include\('\/[\w/-]+'/);
    expect(text).not.toMatch(/\son[a-z]+=|\sstyle=|javascript:|<style|<script(?! src="<%= it.assets %>\/)/);
  });

  it.each(files)('%s sends a token with every form that changes something', (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const forms = [...text.matchAll(/<form[^>]*method="post"[\s\S]*?<\/form>/g)];
    for (const [form] of forms) expect(form).toContain('name="csrf"');
  });
});
