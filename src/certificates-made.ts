/** What makes certificates, for those who load it late: large, and needed once in the life of an installation. */
export { generate } from 'selfsigned';
